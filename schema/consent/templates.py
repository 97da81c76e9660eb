"""What a subject can be asked to authorise."""

import strawberry

from consent.vocabulary import Purpose
from schema.core.context import Info
from schema.core.enums import Group, groups_of


@strawberry.type(description="The limits of an authorisation for one purpose [5.1.6].")
class AuthorisationTemplate:
    name: str = strawberry.field(description="The template's name and version.")
    purpose: Purpose = strawberry.field(description="The purpose it is for.")
    scope: list[Group] = strawberry.field(description="The groups of fields that may be requested at most.")
    required_scope: list[Group] = strawberry.field(description="The groups without which the purpose is not served.")
    max_days: int = strawberry.field(description="How many days it may hold at most.")
    default_days: int = strawberry.field(description="How many days it holds by default.")
    max_uses: int = strawberry.field(description="How often it may be used at most.")
    default_uses: int = strawberry.field(description="How often it may be used by default.")
    single_application: bool = strawberry.field(description="Whether it is for a single application by default.")
    ask_again_days: int = strawberry.field(
        description="How many days a request that was not granted, refused or unanswered, blocks the same request, "
        "from the last day that it asked for. A new application of the subject is a new occasion [5.1.6]."
    )
    means: str = strawberry.field(description="方式：how the information is used, in Chinese.")
    means_en: str = strawberry.field(description="The same in English.")


@strawberry.type(description="The authorisations that a subject can be asked for [5.1.6].")
class TemplateQuery:
    @strawberry.field(description="The authorisations that a subject can be asked for, by purpose [5.1.6].")
    def authorisation_templates(self, info: Info) -> list[AuthorisationTemplate]:
        return [
            AuthorisationTemplate(
                name=one.ref,
                purpose=one.purpose,
                scope=[Group(name) for name in groups_of(one.allowed)],
                required_scope=[Group(name) for name in groups_of(one.required)],
                max_days=one.max_days,
                default_days=one.default_days,
                max_uses=one.max_uses,
                default_uses=one.default_uses,
                single_application=one.single_application,
                ask_again_days=one.ask_again_days,
                means=one.means_zh,
                means_en=one.means_en,
            )
            for one in info.context.templates.values()
        ]
