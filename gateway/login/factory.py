"""Builds login from the settings, and deletes now and then what is over."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
from starlette.routing import Route

from consent.vocabulary import KnownBy
from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.jwks import KeySource
from gateway.login.browser_requests import BrowserRules
from gateway.login.endpoints import CALLBACK, LOGGED_IN, LOGOUT, LoginEndpoints
from gateway.login.login_flow import IdTokenVerifier, LoginFlow
from gateway.login.provider import ClientRegistration, IdentityProvider
from gateway.login.session_authenticator import SessionAuthenticator
from gateway.login.sessions import Lifetimes, LoginSessions
from gateway.portal.pages import HOME
from gateway.rates.route_rates import RouteRates
from gateway.settings.settings import Settings
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.repositories.logins.login_attempts import LoginAttemptRepository
from storage.repositories.logins.login_sessions import LoginSessionRepository

SWEEP_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Login:
    """Login as the wiring uses it."""

    authenticator: SessionAuthenticator
    routes: Sequence[Route]
    sessions: LoginSessions
    flow: LoginFlow
    rules: BrowserRules

    async def sweep(self) -> None:
        """Delete what is over."""
        await self.flow.sweep()
        await self.sessions.sweep()

    async def keep_sweeping(self) -> None:
        """Delete every ten minutes what is over, until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)


def build_login(
    settings: Settings,
    database: Database,
    keyring: Keyring,
    runtime: Runtime,
    tokens: TokenAuthenticator,
    keys: KeySource,
    client: httpx.AsyncClient,
    *,
    rates: RouteRates,
    metadata_url: str | None = None,
) -> Login:
    """Return login at the provider that *client* reaches. *metadata_url*: where it is not where its issuer says."""
    public_url, client_id = settings.browser_url, str(settings.oidc_client_id)
    registration = ClientRegistration(
        client_id,
        settings.oidc_client_secret_file,
        settings.oidc_scopes,
        settings.oidc_resource,
        public_url + CALLBACK,
        public_url + LOGOUT,
    )
    provider = IdentityProvider(settings.oidc_issuer, registration, client, time.monotonic, metadata_url)
    lifetimes = Lifetimes(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))
    skew = settings.clock_skew_seconds
    sessions = LoginSessions(
        LoginSessionRepository(database), keyring, tokens, provider, runtime, lifetimes, timedelta(seconds=skew)
    )
    rules = BrowserRules(public_url)
    known_by = KnownBy.DEMO_LOGIN if settings.is_demo else KnownBy.LOGIN
    authenticator = SessionAuthenticator(tokens, sessions, rules, known_by)
    id_tokens = IdTokenVerifier(keys, settings.oidc_issuer, client_id, skew, runtime.now)
    flow = LoginFlow(provider, id_tokens, tokens, sessions, LoginAttemptRepository(database), keyring, runtime)
    home = HOME if settings.portal else "/graphiql" if settings.graphiql else LOGGED_IN
    endpoints = LoginEndpoints(flow, sessions, authenticator, rules, rates, home)
    return Login(authenticator, endpoints.routes(), sessions, flow, rules)
