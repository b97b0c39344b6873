//! The settings of which user names are accepted.

use super::values;
use clap::{Args, ValueEnum};
use domain::user::{Lookalikes, ReservedNames};

#[derive(Args)]
pub(crate) struct NamesSettings {
    /// What becomes of user names that look like others in another script
    #[arg(long, env = "CONFAB_LOOKALIKE_NAMES", default_value = "refuse")]
    lookalike_names: LookalikeNames,
    /// User names that nobody gives themselves, separated by commas, or none [default: admin, root,
    /// support, system and others that would pass for whoever runs the server]
    #[arg(long, env = "CONFAB_RESERVED_NAMES", default_value = DEFAULT, hide_default_value = true, value_parser = values::reserved)]
    reserved_names: ReservedNames,
}

/// The word that stands for the domain's list.
const DEFAULT: &str = "default";

/// What becomes of them.
#[derive(Clone, Copy, ValueEnum)]
enum LookalikeNames {
    /// They are taken
    Refuse,
    /// They are as good as others
    Allow,
}

impl NamesSettings {
    pub(crate) fn lookalikes(&self) -> Lookalikes {
        match self.lookalike_names {
            LookalikeNames::Refuse => Lookalikes::Refuse,
            LookalikeNames::Allow => Lookalikes::Allow,
        }
    }

    pub(crate) fn reserved(&self) -> ReservedNames {
        self.reserved_names.clone()
    }
}
