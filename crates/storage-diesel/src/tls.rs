//! TLS to PostgreSQL (ADR 15).
//!
//! The options are those of PostgreSQL's own clients. `sslmode=require` encrypts, and `verify-full` also
//! verifies the server. `sslrootcert` names a file with the certificates to trust instead of the system's;
//! with it, `require` verifies the server, too.

use crate::error::OpenError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// A URL without the options about encryption, which the driver does not understand, and what they mean.
pub(crate) struct Secured {
    /// The URL without these options.
    pub(crate) url: String,
    /// How to encrypt; `None` for a plain connection.
    pub(crate) tls: Option<MakeRustlsConnect>,
}

/// The parts of a URL.
pub(crate) struct Parts<'a> {
    /// The URL without the options about encryption.
    pub(crate) url: String,
    /// `sslmode`.
    pub(crate) mode: Option<&'a str>,
    /// `sslrootcert`.
    pub(crate) root: Option<&'a str>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(url: &'a str) -> Self {
        let (address, options) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root, mut rest) = (None, None, Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", file)) => root = Some(file),
                _ => rest.push(option),
            }
        }
        let question = if rest.is_empty() { "" } else { "?" };
        Self { url: format!("{address}{question}{}", rest.join("&")), mode, root }
    }
}

impl Secured {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let Parts { url, mode, root } = Parts::of(url);
        let tls = match mode.unwrap_or("disable") {
            // `prefer` would fall back to a plain connection, which an attacker can bring about, so it
            // protects nothing.
            "disable" | "prefer" => None,
            "require" => Some(connector(root, root.is_some())?),
            "verify-full" => Some(connector(root, true)?),
            _ => {
                let detail = "sslmode must be disable, prefer, require or verify-full";
                return Err(OpenError::connect(detail));
            }
        };
        Ok(Self { url, tls })
    }
}

fn connector(root: Option<&str>, verified: bool) -> Result<MakeRustlsConnect, OpenError> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if verified {
        let roots = Arc::new(trusted(root)?);
        WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
            .build()
            .map_err(OpenError::connect)?
    } else {
        Arc::new(Anybody(provider.clone()))
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(OpenError::connect)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The certificates in that file, or else the system's.
fn trusted(file: Option<&str>) -> Result<RootCertStore, OpenError> {
    let mut roots = RootCertStore::empty();
    let Some(file) = file else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let unreadable = |error: &dyn std::error::Error| {
        OpenError::connect(format!("sslrootcert: {file} holds no certificate: {error}"))
    };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        roots.add(certificate).map_err(|error| unreadable(&error))?;
    }
    Ok(roots)
}

/// Accepts any certificate, as `require` does in every client: this protects against eavesdropping, but not
/// against somebody in between.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
