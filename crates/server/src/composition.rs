//! Puts the server together. The adapters of the domain's ports are named here, in this file's folder, and in
//! `readiness.rs`, which asks them for their state. The HTTP side is named wherever it is configured, measured or
//! stopped, and the page in `apis.rs` (docs/ARCHITECTURE.md has the list, and a test holds it).

mod issuers;
mod media;

use crate::background_jobs::JobStates;
use crate::error::BoxError;
use crate::settings::Settings;
use crate::{apis, private, readiness, secrets};
use credentials::{BcryptHasher, Secret, Tokens};
use domain::admin::{AdminPorts, Administration};
use domain::block::{BlockPorts, Blocks};
use domain::chat::{ChatPorts, Chats};
use domain::clock::{Clock, SystemClock};
use domain::directory::Directory;
use domain::event::EventBus;
use domain::host::ExternalIds;
use domain::idempotency::{Idempotency, IdempotencyPorts};
use domain::import::{Import, ImportPorts};
use domain::invite::{InvitePorts, Invites};
use domain::message::{MessagePorts, Messages};
use domain::own_data::{OwnData, OwnDataPorts};
use domain::presence::{
    LocalPresence, PresencePorts, PresenceService, PresenceStore, Typing, TypingPorts, Typists,
};
use domain::push::{PushPorts, Pushes};
use domain::service_key::{ServiceKeyPorts, ServiceKeys};
use domain::session::{SessionPorts, Sessions, TokenSigner};
use domain::user::{HashOrigin, Password, PasswordHasher, UserName, UserPorts, Users};
use fanout_redis::Nodes;
use http_actix::{Backend, UseCases};
use http_core::attempts::ProcessLog;
use realtime::Hub;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use storage_diesel::{Options, Storage};
use web_push::{Keys, QueueingBus, Rounds, Sender};

/// A server whose parts are connected.
pub(crate) struct Assembled {
    pub(crate) backend: Backend,
    pub(crate) storage: Arc<Storage>,
    /// The connections to other nodes, if this one does not run alone.
    pub(crate) nodes: Option<Nodes>,
    pub(crate) rounds: Rounds,
    pub(crate) jobs: JobStates,
    /// The link's fragment for creating the first admin, while there is none.
    pub(crate) set_up_link: Option<String>,
}

/// Opens the database, which migrates it, and connects everything.
pub(crate) async fn assemble(settings: &Settings) -> Result<Assembled, BoxError> {
    let storage = Arc::new(open_storage(settings, Options::default()).await?);
    let secret = token_secret(settings, &storage).await?;
    let (clock, hasher): (Arc<dyn Clock>, _) = (Arc::new(SystemClock), hasher(settings)?);
    let limits = settings.limits.chosen();
    let (hub, jobs) = (Arc::new(apis::hub(settings)), JobStates::default());
    let nodes = join_nodes(settings, &secret, &hub)?;
    let (bus, online) = bus_and_presence(nodes.as_ref(), &hub);
    let pushes = Arc::new(pushes(settings, &storage).await?);
    // In front of the other buses, so that it sees only events that this process publishes.
    let (queueing, rounds) = QueueingBus::new(bus, pushes.clone());
    let bus: Arc<dyn EventBus> = Arc::new(queueing);
    let Storage { users, members, blocks, .. } = &*storage;
    let directory = Arc::new(Directory::new(settings.directory.clone(), storage.ties.clone()));
    let found = (&*storage, &directory);
    let typists = Arc::<Typists>::default();
    let signer = Arc::new(Tokens::new(&secret));
    let ports = session_ports(settings, &storage, (hasher.clone(), signer.clone()), bus.clone())?;
    let sessions = Arc::new(Sessions::new(ports, settings.session_policy()));
    let keys = Arc::new(service_keys(&storage, hasher.clone(), signer.clone()));
    let idempotency = Arc::new(idempotency(&storage, signer.clone()));
    let media = Arc::new(media::media(settings, found, signer.clone())?);
    let use_cases = UseCases {
        users: Arc::new(Users::new(
            UserPorts { users: users.clone(), directory: directory.clone(), clock: clock.clone() },
            settings.names.reserved(),
        )),
        admin: Arc::new(administration(settings, &storage, hasher.clone(), bus.clone())),
        invites: Arc::new(invites(&storage, signer)),
        chats: Arc::new(Chats::new(chat_ports(found, bus.clone())).within(limits)),
        messages: Arc::new(messages(found, bus.clone(), typists.clone()).within(limits)),
        limits,
        host_pictures: Arc::new(media::host_pictures(settings, &storage, media.clone())),
        media,
        external_ids: Arc::new(ExternalIds::new(storage.external_ids.clone())),
        host_people: sessions.host_people(),
        idempotency,
        own: Arc::new(OwnData::new(own_data_ports(&storage, hasher, bus.clone()))),
        blocks: Arc::new(Blocks::new(BlockPorts {
            blocks: blocks.clone(),
            directory: directory.clone(),
            members: members.clone(),
            presence: online.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
        })),
        presence: Arc::new(PresenceService::new(PresencePorts {
            presence: online.clone(),
            members: members.clone(),
            users: users.clone(),
            blocks: blocks.clone(),
            directory: directory.clone(),
            here: hub.clone(),
            clock: clock.clone(),
        })),
        pushes,
        typing: Arc::new(Typing::new(TypingPorts {
            members: members.clone(),
            blocks: blocks.clone(),
            bus,
            clock,
            typists,
        })),
    };
    let set_up_link = sessions.set_up_link().await?;
    let health = Arc::new(readiness::health(&storage, nodes.as_ref(), &jobs));
    let backend = apis::backend(settings, use_cases, (sessions, keys, hub), health);
    Ok(Assembled { backend, storage, nodes, rounds, jobs, set_up_link })
}

fn session_ports(
    settings: &Settings,
    storage: &Storage,
    (hasher, signer): (Arc<dyn PasswordHasher>, Arc<Tokens>),
    bus: Arc<dyn EventBus>,
) -> Result<SessionPorts, BoxError> {
    let (host_tokens, providers) = issuers::opened(settings)?;
    Ok(SessionPorts {
        users: storage.users.clone(),
        sessions: storage.sessions.clone(),
        hasher,
        signer,
        clock: Arc::new(SystemClock),
        invites: storage.invites.clone(),
        host_accounts: storage.host_accounts.clone(),
        set_up: storage.set_up.clone(),
        second_factors: storage.second_factors.clone(),
        host_tokens,
        providers,
        bus,
        log: Arc::new(ProcessLog),
    })
}

/// What tokens are signed with.
async fn token_secret(settings: &Settings, storage: &Storage) -> Result<Secret, BoxError> {
    let bytes = secret(settings, storage, (secrets::TOKENS, settings.secret_key())).await?;
    Ok(Secret::from_bytes(bytes))
}

/// A secret of this installation: the given one, the one that its nodes agreed on in the database, or the one in
/// the file of that name. Nodes agree on the first node's, as they need not share a folder.
async fn secret(
    settings: &Settings,
    storage: &Storage,
    (name, given): (&str, Option<[u8; 32]>),
) -> Result<[u8; 32], BoxError> {
    if let Some(given) = given {
        return Ok(given);
    }
    let own = secrets::load(settings.data_dir()?, name)?;
    let agreed = match settings.redis_url() {
        Some(_) => storage.agree(name, &secrets::write(&own)).await?,
        // A command is often run without the settings of the nodes, and must make keys that they accept.
        None => match storage.agreed(name).await? {
            Some(agreed) => agreed,
            None => return Ok(own),
        },
    };
    secrets::parse(&agreed).ok_or_else(|| format!("the {name} in the database is damaged").into())
}

/// Joins the other nodes, if this one does not run alone.
fn join_nodes(
    settings: &Settings,
    secret: &Secret,
    hub: &Arc<Hub>,
) -> Result<Option<Nodes>, BoxError> {
    let Some(url) = settings.redis_url().map(str::to_owned) else { return Ok(None) };
    if !settings.database_url()?.starts_with("postgres") {
        tracing::warn!("REDIS_URL is set, but this database serves one node only");
    }
    let options = fanout_redis::Options { url, installation: secret.name() };
    let nodes = fanout_redis::join(&options, hub.clone(), hub.clone());
    let nodes = nodes.map_err(|error| format!("REDIS_URL: {error}"))?;
    hub.hear_others(nodes.bus.clone());
    Ok(Some(nodes))
}

/// Options for commands: whoever waits at a terminal waits until the command is done.
fn patient() -> Options {
    Options { answer: Duration::MAX, ..Options::default() }
}

/// Only what managing accounts needs. Events go nowhere; a running server finds the changes by itself.
pub(crate) async fn assemble_admin(
    settings: &Settings,
) -> Result<(Administration, OwnData), BoxError> {
    let storage = open_storage(settings, patient()).await?;
    let (hasher, bus) = (hasher(settings)?, Arc::new(Hub::default()));
    let admin = administration(settings, &storage, hasher.clone(), bus.clone());
    Ok((admin, OwnData::new(own_data_ports(&storage, hasher, bus))))
}

fn administration(
    settings: &Settings,
    storage: &Storage,
    hasher: Arc<dyn PasswordHasher>,
    bus: Arc<dyn EventBus>,
) -> Administration {
    let (admin, users) = (storage.admin.clone(), storage.users.clone());
    let (second_factors, clock) = (storage.second_factors.clone(), Arc::new(SystemClock));
    let ports = AdminPorts { admin, users, hasher, second_factors, bus, clock };
    Administration::new(ports, settings.roles()).with(settings.sign_in.passwords())
}

/// Only what managing invitations and service keys needs.
pub(crate) async fn assemble_access(
    settings: &Settings,
) -> Result<(Invites, ServiceKeys), BoxError> {
    let storage = open_storage(settings, patient()).await?;
    let signer = Arc::new(Tokens::new(&token_secret(settings, &storage).await?));
    Ok((invites(&storage, signer.clone()), service_keys(&storage, hasher(settings)?, signer)))
}

fn invites(storage: &Storage, signer: Arc<Tokens>) -> Invites {
    let invites = storage.invites.clone();
    Invites::new(InvitePorts { invites, signer, clock: Arc::new(SystemClock) })
}

fn idempotency(storage: &Storage, signer: Arc<Tokens>) -> Idempotency {
    let (requests, clock) = (storage.idempotency.clone(), Arc::new(SystemClock));
    Idempotency::new(IdempotencyPorts { requests, signer, clock })
}

fn service_keys(
    storage: &Storage,
    hasher: Arc<dyn PasswordHasher>,
    signer: Arc<Tokens>,
) -> ServiceKeys {
    let (keys, users) = (storage.service_keys.clone(), storage.users.clone());
    let (host_accounts, clock) = (storage.host_accounts.clone(), Arc::new(SystemClock));
    ServiceKeys::new(ServiceKeyPorts { keys, users, host_accounts, signer, hasher, clock })
}

/// Only what importing needs.
pub(crate) async fn assemble_import(settings: &Settings) -> Result<Import, BoxError> {
    let storage = open_storage(settings, patient()).await?;
    let secret = token_secret(settings, &storage).await?;
    let random = Tokens::new(&secret).random();
    let typed: String = random.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let name = UserName::deleted();
    let nobody =
        hasher(settings)?.hash(Password::new(&typed, &name)?, HashOrigin::Operator).await?;
    let ports = ImportPorts {
        import: storage.import.clone(),
        messages: storage.messages.clone(),
        marks: storage.marks.clone(),
        members: storage.members.clone(),
    };
    Ok(Import::new(ports, settings.roles(), nobody))
}

async fn pushes(settings: &Settings, storage: &Storage) -> Result<Pushes, BoxError> {
    let (push, reach) = (&settings.push, settings.push.reach());
    let private = secret(settings, storage, (secrets::VAPID, push.key())).await?;
    let keys = Keys::new(&private, push.push_contact.clone())
        .map_err(|error| format!("CONFAB_VAPID_KEY, or {}: {error}", secrets::VAPID))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ports = PushPorts {
        subscriptions: storage.subscriptions.clone(),
        sender: Arc::new(Sender::new(keys, reach, clock.clone())),
        messages: storage.messages.clone(),
        users: storage.users.clone(),
        clock,
    };
    Ok(Pushes::new(ports, reach))
}

/// The storage, and the directory, which decides who may find whom.
type Found<'a> = (&'a Storage, &'a Arc<Directory>);

fn chat_ports((storage, directory): Found<'_>, bus: Arc<dyn EventBus>) -> ChatPorts {
    ChatPorts {
        chats: storage.chats.clone(),
        addresses: storage.addresses.clone(),
        bans: storage.bans.clone(),
        blocks: storage.blocks.clone(),
        directory: directory.clone(),
        members: storage.members.clone(),
        bus,
        clock: Arc::new(SystemClock),
    }
}

fn messages(found: Found<'_>, bus: Arc<dyn EventBus>, typists: Arc<Typists>) -> Messages {
    let (storage, directory) = found;
    Messages::new(MessagePorts {
        blocks: storage.blocks.clone(),
        typists,
        messages: storage.messages.clone(),
        marks: storage.marks.clone(),
        addresses: storage.addresses.clone(),
        members: storage.members.clone(),
        bus,
        clock: Arc::new(SystemClock),
        external_ids: Arc::new(ExternalIds::new(storage.external_ids.clone())),
        directory: directory.clone(),
    })
}

fn own_data_ports(
    storage: &Storage,
    hasher: Arc<dyn PasswordHasher>,
    bus: Arc<dyn EventBus>,
) -> OwnDataPorts {
    OwnDataPorts {
        own: storage.own.clone(),
        users: storage.users.clone(),
        host_accounts: storage.host_accounts.clone(),
        sessions: storage.sessions.clone(),
        chats: storage.chats.clone(),
        messages: storage.messages.clone(),
        marks: storage.marks.clone(),
        blocks: storage.blocks.clone(),
        hasher,
        bus,
        clock: Arc::new(SystemClock),
    }
}

/// Migrates the database.
pub(crate) async fn migrate(settings: &Settings) -> Result<(), BoxError> {
    Ok(storage_diesel::migrate(&settings.database_url()?).await?)
}

/// Copies the database into a folder, and returns the new file.
pub(crate) async fn backup(settings: &Settings, folder: &Path) -> Result<PathBuf, BoxError> {
    Ok(storage_diesel::backup(&settings.database_url()?, folder).await?)
}

async fn open_storage(settings: &Settings, options: Options) -> Result<Storage, BoxError> {
    settings.database_files()?.iter().for_each(|file| private::keep(file));
    let (connections, lookalikes) = (settings.database_connections, settings.names.lookalikes());
    let options = Options { connections, lookalikes, ..options };
    Ok(storage_diesel::open(&settings.database_url()?, &options).await?)
}

/// Processes one picture. This is the main function of the process that does only that.
pub(crate) fn process_picture(format: &str, purpose: &str) -> ExitCode {
    media_store::work(format, purpose)
}

fn hasher(settings: &Settings) -> Result<Arc<dyn PasswordHasher>, BoxError> {
    Ok(Arc::new(BcryptHasher::start(settings.bcrypt_cost, settings.bcrypt_threads)?))
}

/// The event bus and the presence of all nodes, or this one's alone.
fn bus_and_presence(
    nodes: Option<&Nodes>,
    hub: &Arc<Hub>,
) -> (Arc<dyn EventBus>, Arc<dyn PresenceStore>) {
    match nodes {
        Some(nodes) => (nodes.bus.clone(), nodes.presence.clone()),
        None => (hub.clone(), Arc::new(LocalPresence::default())),
    }
}
