//! The use cases, put together over the adapters in memory.

use crate::contract::Stores;
use crate::memory::{
    ManualClock, MemoryDb, MemoryFiles, PlainHasher, PlainPictures, RecordingBus, RecordingLog,
    RecordingSender, TestSigner,
};
use domain::admin::{AdminPorts, Administration};
use domain::block::{BlockPorts, Blocks};
use domain::chat::{ChatPorts, Chats};
use domain::clock::Timestamp;
use domain::directory::{self, Directory};
use domain::failure::{Failure, Kind};
use domain::host::ExternalIds;
use domain::ids::{ChatId, UserId};
use domain::internet::Reach;
use domain::invite::{InvitePorts, Invites};
use domain::media::{HostPicturePorts, HostPictures, Media, MediaPorts, PictureSource};
use domain::message::{Message, MessagePorts, Messages, Send};
use domain::own_data::{OwnData, OwnDataPorts};
use domain::presence::{
    LocalPresence, PresencePorts, PresenceService, Typing, TypingPorts, Typists,
};
use domain::push::{PushPorts, Pushes};
use domain::service_key::{ServiceKeyPorts, ServiceKeys};
use domain::session::{
    Caller, Device, EndedSession, Login, Origin, RegisterError, SessionPolicy, SessionPorts,
    Sessions, SignIn, SignedIn,
};
use domain::user::{AccountRoles, AddUser, RoleName, UserPorts, Users};
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// The password of every account that is made here.
pub const PASSWORD: &str = "correct horse battery";

/// Everything there is: the ports, to look behind the scenes, and the use cases over them.
pub struct World {
    /// The stores.
    pub stores: Stores,
    /// What was published.
    pub bus: Arc<RecordingBus>,
    /// The time, which stands still.
    pub clock: Arc<ManualClock>,
    /// Passwords, and how often they were compared.
    pub hasher: Arc<PlainHasher>,
    /// What was logged about signing in.
    pub log: Arc<RecordingLog>,
    /// Accounts.
    pub users: Users,
    /// Blocks.
    pub blocks: Blocks,
    /// Exporting one's data, and deleting one's account.
    pub own: OwnData,
    /// What admins and operators do.
    pub admin: Administration,
    /// Signing in and out.
    pub sessions: Sessions,
    /// Invitations.
    pub invites: Invites,
    /// Service keys.
    pub service_keys: ServiceKeys,
    /// Chats.
    pub chats: Chats,
    /// Messages.
    pub messages: Messages,
    /// Files.
    pub media: Media,
    /// Their bytes.
    pub files: Arc<MemoryFiles>,
    /// Web Push.
    pub pushes: Pushes,
    /// The notifications that were sent.
    pub sender: Arc<RecordingSender>,
    /// Who is online.
    pub presence: PresenceService,
    /// Who is typing.
    pub typing: Typing,
}

impl Default for World {
    fn default() -> Self {
        Self::new(SessionPolicy::default())
    }
}

impl World {
    /// An empty world, in which it is 14 November 2023 and everybody finds everybody.
    pub fn new(policy: SessionPolicy) -> Self {
        Self::with_directory(policy, directory::Policy::default())
    }

    /// The same where people find each other by that policy.
    pub fn with_directory(policy: SessionPolicy, finding: directory::Policy) -> Self {
        let clock = ManualClock::at(Timestamp::from_micros(1_700_000_000_000_000));
        let stores = MemoryDb::with_clock(clock.clone()).stores();
        let directory = Arc::new(Directory::new(finding, stores.ties.clone()));
        let bus = RecordingBus::new();
        let (hasher, log) = (PlainHasher::new(), RecordingLog::new());
        let told = (bus.clone(), log.clone());
        let session_ports = session_ports(&stores, hasher.clone(), clock.clone(), told);
        let online = Arc::new(LocalPresence::default());
        let files = MemoryFiles::new();
        let presence_ports = PresencePorts {
            presence: online.clone(),
            members: stores.members.clone(),
            users: stores.users.clone(),
            blocks: stores.blocks.clone(),
            directory: directory.clone(),
            here: bus.clone(),
            clock: clock.clone(),
        };
        let typists = Arc::<Typists>::default();
        let sender = RecordingSender::new();
        Self {
            users: Users::new(
                UserPorts {
                    users: stores.users.clone(),
                    directory: directory.clone(),
                    clock: clock.clone(),
                },
                policy.reserved.clone(),
            ),
            blocks: Blocks::new(block_ports(
                (&stores, &directory),
                online,
                bus.clone(),
                clock.clone(),
            )),
            own: own_data(&stores, hasher.clone(), bus.clone(), clock.clone()),
            admin: administration(&stores, hasher.clone(), bus.clone(), clock.clone()),
            sessions: Sessions::new(session_ports, policy),
            invites: invites(&stores, clock.clone()),
            service_keys: service_keys(&stores, hasher.clone(), clock.clone()),
            chats: Chats::new(chat_ports((&stores, &directory), bus.clone(), clock.clone())),
            messages: Messages::new(message_ports(
                (&stores, &directory),
                bus.clone(),
                clock.clone(),
                typists.clone(),
            )),
            media: media((&stores, &directory), files.clone(), clock.clone()),
            files,
            pushes: pushes(&stores, sender.clone(), clock.clone()),
            sender,
            presence: PresenceService::new(presence_ports),
            typing: typing(&stores, bus.clone(), clock.clone(), typists),
            stores,
            bus,
            clock,
            hasher,
            log,
        }
    }

    /// Registers somebody, with [`PASSWORD`].
    pub async fn register(&self, name: &str) -> SignedIn {
        self.try_register(name, PASSWORD).await.unwrap()
    }

    /// Tries to register somebody.
    pub async fn try_register(
        &self,
        name: &str,
        password: &str,
    ) -> Result<SignedIn, RegisterError> {
        let SignIn { client, address, .. } = sign_in(name, password);
        let account = AddUser::new(name, password);
        let origin = Origin::of(&client, address);
        let account = self.sessions.prepare_account(account, origin).await?;
        self.sessions.open_account(account, client, address).await
    }

    /// Somebody who has just registered.
    pub async fn person(&self, name: &str) -> Caller {
        let signed = self.register(name).await;
        self.sessions.authenticate(&signed.access_token).await.unwrap()
    }

    /// A group of these people; the first makes and owns it.
    pub async fn group(&self, owner: &Caller, others: &[&Caller]) -> ChatId {
        let others: Vec<UserId> = others.iter().map(|caller| caller.user).collect();
        self.chats.create_group(owner, "A group", &others).await.unwrap().chat.id
    }

    /// The pictures of hosts, from that source.
    pub fn host_pictures(&self, source: Arc<dyn PictureSource>) -> HostPictures {
        let stores = &self.stores;
        let directory = Directory::new(directory::Policy::default(), stores.ties.clone());
        let (files, clock) = (self.files.clone(), self.clock.clone());
        let media = Arc::new(media((stores, &Arc::new(directory)), files, clock.clone()));
        let pictures = stores.host_pictures.clone();
        HostPictures::new(HostPicturePorts { pictures, source, media, clock })
    }

    /// Sessions that ended since the beginning.
    pub async fn ended(&self) -> Vec<EndedSession> {
        let ever = Some(Timestamp::from_micros(0));
        self.stores.sessions.changes_since(ever, 1_000).await.unwrap().ended
    }

    /// A message that somebody sent.
    pub async fn say(&self, caller: &Caller, chat: ChatId, text: &str) -> Message {
        let send = Send::new(chat, text);
        self.messages.send(caller, send).await.unwrap().message
    }
}

fn own_data(
    stores: &Stores,
    hasher: Arc<PlainHasher>,
    bus: Arc<RecordingBus>,
    clock: Arc<ManualClock>,
) -> OwnData {
    OwnData::new(OwnDataPorts {
        own: stores.own.clone(),
        users: stores.users.clone(),
        host_accounts: stores.host_accounts.clone(),
        sessions: stores.sessions.clone(),
        chats: stores.chats.clone(),
        messages: stores.messages.clone(),
        marks: stores.marks.clone(),
        blocks: stores.blocks.clone(),
        hasher,
        bus,
        clock,
    })
}

/// Accounts may be sellers, too.
fn administration(
    stores: &Stores,
    hasher: Arc<PlainHasher>,
    bus: Arc<RecordingBus>,
    clock: Arc<ManualClock>,
) -> Administration {
    let (admin, users) = (stores.admin.clone(), stores.users.clone());
    let second_factors = stores.second_factors.clone();
    let ports = AdminPorts { admin, users, hasher, second_factors, bus, clock };
    Administration::new(ports, AccountRoles::new(vec![RoleName::new("seller").unwrap()]))
}

fn session_ports(
    stores: &Stores,
    hasher: Arc<PlainHasher>,
    clock: Arc<ManualClock>,
    (bus, log): (Arc<RecordingBus>, Arc<RecordingLog>),
) -> SessionPorts {
    SessionPorts {
        users: stores.users.clone(),
        sessions: stores.sessions.clone(),
        hasher,
        signer: TestSigner::new(1),
        clock,
        invites: stores.invites.clone(),
        host_accounts: stores.host_accounts.clone(),
        set_up: stores.set_up.clone(),
        second_factors: stores.second_factors.clone(),
        host_tokens: None,
        providers: None,
        bus,
        log,
    }
}

fn block_ports(
    (stores, directory): (&Stores, &Arc<Directory>),
    presence: Arc<LocalPresence>,
    bus: Arc<RecordingBus>,
    clock: Arc<ManualClock>,
) -> BlockPorts {
    let (blocks, members) = (stores.blocks.clone(), stores.members.clone());
    let directory = directory.clone();
    BlockPorts { blocks, directory, members, presence, bus, clock }
}

fn typing(
    stores: &Stores,
    bus: Arc<RecordingBus>,
    clock: Arc<ManualClock>,
    typists: Arc<Typists>,
) -> Typing {
    let (blocks, members) = (stores.blocks.clone(), stores.members.clone());
    Typing::new(TypingPorts { members, blocks, bus, clock, typists })
}

fn invites(stores: &Stores, clock: Arc<ManualClock>) -> Invites {
    let (invites, signer) = (stores.invites.clone(), TestSigner::new(1));
    Invites::new(InvitePorts { invites, signer, clock })
}

fn service_keys(stores: &Stores, hasher: Arc<PlainHasher>, clock: Arc<ManualClock>) -> ServiceKeys {
    ServiceKeys::new(ServiceKeyPorts {
        keys: stores.service_keys.clone(),
        users: stores.users.clone(),
        host_accounts: stores.host_accounts.clone(),
        signer: TestSigner::new(1),
        hasher,
        clock,
    })
}

fn chat_ports(
    (stores, directory): (&Stores, &Arc<Directory>),
    bus: Arc<RecordingBus>,
    clock: Arc<ManualClock>,
) -> ChatPorts {
    ChatPorts {
        chats: stores.chats.clone(),
        addresses: stores.addresses.clone(),
        bans: stores.bans.clone(),
        blocks: stores.blocks.clone(),
        directory: directory.clone(),
        members: stores.members.clone(),
        bus,
        clock,
    }
}

fn message_ports(
    (stores, directory): (&Stores, &Arc<Directory>),
    bus: Arc<RecordingBus>,
    clock: Arc<ManualClock>,
    typists: Arc<Typists>,
) -> MessagePorts {
    MessagePorts {
        blocks: stores.blocks.clone(),
        typists,
        messages: stores.messages.clone(),
        marks: stores.marks.clone(),
        addresses: stores.addresses.clone(),
        members: stores.members.clone(),
        bus,
        clock,
        external_ids: Arc::new(ExternalIds::new(stores.external_ids.clone())),
        directory: directory.clone(),
    }
}

fn pushes(stores: &Stores, sender: Arc<RecordingSender>, clock: Arc<ManualClock>) -> Pushes {
    let (subscriptions, users) = (stores.subscriptions.clone(), stores.users.clone());
    let messages = stores.messages.clone();
    Pushes::new(PushPorts { subscriptions, sender, messages, users, clock }, Reach::Public)
}

/// Files in memory, over the same stores.
fn media(
    (stores, directory): (&Stores, &Arc<Directory>),
    files: Arc<MemoryFiles>,
    clock: Arc<ManualClock>,
) -> Media {
    Media::new(
        MediaPorts {
            media: stores.media.clone(),
            files,
            images: Arc::new(PlainPictures),
            members: stores.members.clone(),
            users: stores.users.clone(),
            directory: directory.clone(),
            signer: TestSigner::new(1),
            clock,
        },
        None,
    )
}

/// A name and a password, typed on some device.
pub fn sign_in<'a>(name: &'a str, password: &'a str) -> SignIn<'a> {
    let address = IpAddr::from(Ipv4Addr::LOCALHOST);
    let client = Device::new("A browser").into();
    SignIn { login: Login::Name(name), password, code: None, client, address }
}

/// A refusal as callers see it: its kind and its code.
pub fn refusal<T: Debug, E: Into<Failure>>(answer: Result<T, E>) -> (Kind, &'static str) {
    let failure: Failure = answer.map_err(Into::into).unwrap_err();
    (failure.kind, failure.code)
}

/// The fields that were refused, each with its code.
pub fn refused_fields<T: Debug, E: Into<Failure>>(
    answer: Result<T, E>,
) -> Vec<(&'static str, &'static str)> {
    let failure: Failure = answer.map_err(Into::into).unwrap_err();
    failure.fields.into_iter().map(|field| (field.field, field.code)).collect()
}
