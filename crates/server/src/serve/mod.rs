//! `topspin serve`: the server.

mod banner;
mod settings;
mod signals;

use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::sync::watch;
use topspin_gateway::{Access, Config, Gateway, Names, Token};

pub use settings::Args;
use settings::{LogFormat, Settings};
use signals::Signals;

use crate::clock;
use crate::node::{self, Node};
use crate::screens;
use crate::views::{self, Views};

/// Serves until told to stop.
///
/// # Errors
/// Where the settings make no sense, or the address or the data directory cannot be used.
pub fn run(args: Args) -> anyhow::Result<()> {
    let settings = args.settings()?;
    start_logging(settings.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {}: is another server there? --listen chooses another", settings.listen)
    })?;
    let address = listener.local_addr().context("the address")?;
    let node = Node::open(&settings.data, settings.partitions, &settings.kafka).await?;
    let access = if settings.open { Access::Open } else { Access::Token(token(&settings)?) };
    if settings.views.is_some() && settings.kafka.bootstrap.is_none() {
        views::check::partitions(node.installation.partitions)?;
    }
    let views = match &settings.views {
        Some(asked) => Views::start(node.engine(), &settings.data, node.label(), asked).await?,
        None => Views::default(),
    };
    let (replica, _keeper) = match &settings.views {
        Some(_) => {
            let (replica, keeper) = views::replica(node.engine(), &settings.data);
            (Some(replica), Some(keeper))
        }
        None => (None, None),
    };
    if let Some(happened) = views.happened() {
        tokio::spawn(clock::nudge(node.home.clone(), happened));
    }
    let (stop, stopping) = watch::channel(false);
    let gateway = Gateway::start(Config {
        home: node.home.clone(),
        views: views.monitors(),
        replica,
        zone: settings.views.as_ref().map_or(Ok(TimeZone::UTC), |asked| views::zone(&asked.zone))?,
        log_id: node.installation.log_id,
        access,
        names: Names::new(settings.hosts.clone()),
        clock: Arc::clone(&node.clock),
        screens: screens::file,
        stop: stopping.clone(),
    })?;
    let router = topspin_gateway::router(&gateway);
    // From here on a signal is heard: whoever reads the banner may send one at once.
    let mut signals = Signals::listen()?;
    banner::show(&settings, address)?;
    tracing::info!(%address, data = %settings.data.display(), open = settings.open, "serving");
    tokio::spawn(async move {
        signals.stop().await;
        tracing::info!("stopping: no new connections; what is in flight is finished");
        stop.send_replace(true);
        signals.stop().await;
        tracing::warn!("stopping at once");
        std::process::exit(130);
    });
    topspin_gateway::serve(listener, router, gateway.metrics(), stopping).await;
    tracing::info!("stopping: the last answer was given");
    views.stop().await;
    tracing::info!("stopping: the views have committed what they had begun");
    node.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn token(settings: &Settings) -> anyhow::Result<Token> {
    match &settings.token_file {
        Some(path) => node::read_token(path),
        None => node::token(&settings.data),
    }
}

fn start_logging(format: LogFormat) -> anyhow::Result<()> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("TOPSPIN_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,fjall=warn,lsm_tree=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
