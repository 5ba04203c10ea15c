"""Every field of a contact once: its name, value type, data category and labels; the rest of the house derives from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One field of the golden record.

    ``value_type`` names the module in ``contacts.values``; ``category`` is the data category the policy,
    erasure and the report speak of; ``many`` marks fields that become contact points, ``derived`` those no source is asked for
    because others tell them.
    """

    name: str
    value_type: str
    category: str
    label_pt: str
    label_en: str
    many: bool = False
    derived: bool = False


FIELDS = (
    Field("full_name", "name", "name", "nome completo", "full name"),
    Field("given_name", "name", "name", "primeiro nome", "given name"),
    Field("family_name", "name", "name", "sobrenome", "family name"),
    Field("name_suffix", "name", "name", "sufixo do nome", "name suffix"),
    Field("social_name", "name", "name", "nome social", "social name"),
    Field("company", "name", "employment", "empresa", "company"),
    Field("birth_date", "date", "birth", "data de nascimento", "birth date"),
    Field("cpf", "document", "identifier", "CPF", "CPF (natural person's tax number)"),
    Field("cnpj", "document", "identifier", "CNPJ", "CNPJ (company's tax number)"),
    Field("rg", "document", "identifier", "RG", "RG (identity card)"),
    Field("cnh", "document", "identifier", "CNH", "CNH (driving licence)"),
    Field("pis", "document", "identifier", "PIS/PASEP", "PIS/PASEP (social number)"),
    Field("voter_id", "document", "identifier", "título de eleitor", "voter's registration"),
    Field("tax_id", "document", "identifier", "número fiscal de outro país", "tax number of another country"),
    Field("street", "address", "address", "logradouro", "street"),
    Field("number", "address", "address", "número", "number"),
    Field("complement", "address", "address", "complemento", "complement"),
    Field("district", "address", "address", "bairro", "district"),
    Field("city", "address", "address", "município", "city"),
    Field("city_code", "address", "address", "código IBGE do município", "town's IBGE code", derived=True),
    Field("uf", "address", "address", "UF", "state (UF)"),
    Field("postal_code", "address", "address", "CEP", "postal code (CEP)"),
    Field("country", "address", "address", "país", "country"),
    Field("time_zone", "address", "address", "fuso horário", "time zone", derived=True),
    Field("language", "language", "preference", "idioma", "language"),
    Field("email", "email", "contact", "e-mail", "e-mail", many=True),
    Field("phone", "phone", "contact", "telefone", "phone", many=True),
)

SINGLE_FIELDS = tuple(field.name for field in FIELDS if not field.many)
HOUSEHOLD = "household_id"
"""Who lives together, worked out of the golden record: no field of a source, shown only to a purpose that names it."""
PUBLISHED = (*SINGLE_FIELDS, HOUSEHOLD)
"""What a clean row can show of a person beside the contact point."""
POINT_TYPES = tuple(field.name for field in FIELDS if field.many)
CHANNELS = ("email", "phone", "sms", "whatsapp", "post")
"""How a person can be reached; ``phone``, ``sms`` and ``whatsapp`` all use a phone contact point."""

CHANNEL_POINT = {"email": "email", "phone": "phone", "sms": "phone", "whatsapp": "phone", "post": "address"}
