//! Reading a picture turned upright, without copying it: the largest pictures just fit into a worker's memory.

use super::decode::swaps_sides;
use image::metadata::Orientation;
use image::{GenericImageView, Pixel};

/// A view of a picture, turned.
pub(super) struct Upright<'a, I> {
    image: &'a I,
    turn: Orientation,
}

impl<'a, I> Upright<'a, I> {
    /// A view with this orientation applied.
    pub(super) fn new(image: &'a I, turn: Orientation) -> Self {
        Self { image, turn }
    }
}

impl<I: GenericImageView<Pixel: Pixel>> GenericImageView for Upright<'_, I> {
    type Pixel = I::Pixel;

    fn dimensions(&self) -> (u32, u32) {
        let (width, height) = self.image.dimensions();
        if swaps_sides(self.turn) { (height, width) } else { (width, height) }
    }

    fn get_pixel(&self, x: u32, y: u32) -> I::Pixel {
        let (width, height) = self.image.dimensions();
        let (right, bottom) = (width - 1, height - 1);
        let (x, y) = match self.turn {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (right - x, y),
            Orientation::FlipVertical => (x, bottom - y),
            Orientation::Rotate180 => (right - x, bottom - y),
            Orientation::Rotate90 => (y, bottom - x),
            Orientation::Rotate270 => (right - y, x),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270FlipH => (right - y, bottom - x),
        };
        self.image.get_pixel(x, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, Luma};

    #[test]
    fn it_is_turned_as_the_library_turns() {
        let image = image::GrayImage::from_fn(3, 2, |x, y| Luma([(10 * y + x) as u8]));
        for exif in 1..=8 {
            let turn = Orientation::from_exif(exif).unwrap();
            let mut expected = DynamicImage::from(image.clone());
            expected.apply_orientation(turn);
            let expected = expected.into_luma8();
            let upright = Upright::new(&image, turn);
            assert_eq!(upright.dimensions(), expected.dimensions(), "{turn:?}");
            for (x, y, pixel) in expected.enumerate_pixels() {
                assert_eq!(upright.get_pixel(x, y), *pixel, "{turn:?} {x} {y}");
            }
        }
    }
}
