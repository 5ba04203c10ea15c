"""Why a value was fixed, only suggested or refused: every code once, in the words people read (pt, en)."""

REASONS: dict[str, tuple[str, str]] = {
    # any field
    "PLACEHOLDER": ("preenchimento sem conteúdo (teste, não informado, dígitos repetidos)", "placeholder, no real value (test, not informed, repeated digits)"),
    "TOO_LONG": ("texto longo demais para este campo", "too long for this field"),
    "UNREADABLE": ("não foi possível ler o valor", "the value could not be read"),
    "NUMERIC_LOSS": ("a planilha arredondou o número e perdeu dígitos", "a spreadsheet rounded the number and lost digits"),
    "NUMERIC_FORMAT": ("número gravado como decimal pela planilha", "number stored as a decimal by a spreadsheet"),
    "LOST_ZEROS": ("zeros à esquerda perdidos", "leading zeros were lost"),
    "WRONG_LENGTH": ("quantidade de dígitos errada", "wrong number of digits"),
    "INVALID_CHARACTERS": ("caracteres que não pertencem ao campo", "characters that do not belong in the field"),
    "TEXT_CUT": ("texto ao lado do valor retirado", "text beside the value was cut"),
    "CONSENT_NOT_READ": (
        "prova de consentimento em formato ilegível: nada foi permitido com ela",
        "consent evidence in a shape nobody can read: it permits nothing",
    ),
    "PREFERENCE_NOT_READ": (
        "preferência de contato sem data ou em palavras que ninguém conhece: não conta",
        "contact preference without a moment or in words nobody knows: it does not count",
    ),
    "COLUMN_WENT_DARK": ("a coluna veio vazia para quase todos", "the column came empty for nearly everybody"),
    "FROM_EARLIER_DELIVERY": ("valor danificado, tomado da entrega anterior", "damaged value, taken from an earlier delivery"),
    "PATCHED": ("valor posto por uma pessoa no lugar do que a fonte diz", "value put by a person in the place of what the source says"),
    # phone
    "NINTH_DIGIT": ("nono dígito acrescentado", "ninth digit added"),
    "EXTENSION_CUT": ("ramal retirado", "extension was cut"),
    "CARRIER_CODE": ("código de operadora retirado", "carrier code was cut"),
    "INTERNATIONAL_PREFIX": ("prefixo internacional 00 trocado por +", "international prefix 00 written as +"),
    "MISSING_DDD": ("telefone sem DDD", "phone without area code (DDD)"),
    "MISSING_AREA_CODE": ("telefone sem código de área", "phone without area code"),
    "UNKNOWN_DDD": ("DDD inexistente", "area code (DDD) that does not exist"),
    "UNKNOWN_COUNTRY": ("país desconhecido", "unknown country"),
    "INVALID_NUMBER": ("número fora do plano de numeração", "number outside the numbering plan"),
    "TOO_SHORT": ("dígitos de menos", "too few digits"),
    "SHORT_CODE": ("número curto de serviço (190, 192)", "short service number (190, 192)"),
    "MASKED_AT_SOURCE": ("dígitos escondidos na origem (****)", "digits hidden at the source (****)"),
    "NOT_A_PHONE": ("não é um telefone", "not a phone number"),
    # e-mail
    "TYPO_DOMAIN": ("provedor com erro de digitação", "misspelt e-mail provider"),
    "ACCENT_IN_EMAIL": ("acento no endereço de e-mail", "accent in an e-mail address"),
    "BLANKS_REMOVED": ("espaços dentro do endereço retirados", "blanks inside the address removed"),
    "AT_REPAIRED": ("arroba escrita por extenso", "at sign written as a word"),
    "UNKNOWN_SUFFIX": ("terminação de domínio que não existe", "domain ending that does not exist"),
    "NO_DOMAIN": ("falta o nome do domínio", "the domain has no name before its ending"),
    "INVALID_EMAIL": ("endereço de e-mail mal formado", "malformed e-mail address"),
    "NOT_AN_EMAIL": ("não é um e-mail", "not an e-mail address"),
    # name
    "MOJIBAKE": ("acentuação reparada", "garbled accents repaired"),
    "CHAR_LOSS": ("uma letra se perdeu na origem", "a letter was lost at the source"),
    "SYMBOLS_CUT": ("símbolos retirados do nome", "symbols cut from the name"),
    "CPF_IN_NAME": ("CPF dentro do nome, retirado", "CPF inside the name, cut out"),
    "CNPJ_IN_NAME": ("CNPJ dentro do nome, retirado", "CNPJ inside the name, cut out"),
    "EMAIL_IN_NAME": ("e-mail dentro do nome", "e-mail address inside the name"),
    "DIGITS_IN_NAME": ("dígitos no nome", "digits in the name"),
    "HONORIFIC_CUT": ("tratamento (Sr., Dra.) retirado", "form of address (Mr, Dr) cut"),
    "REVERSED": ("nome invertido (SOBRENOME, NOME) posto em ordem", "reversed name (FAMILY, GIVEN) put in order"),
    "CASING": ("maiúsculas e minúsculas acertadas", "capitals and small letters mended"),
    "SOCIAL_NAME": ("nome social escrito junto do nome civil, posto no seu campo", "social name written beside the civil one, set in its own field"),
    "ONE_WORD": ("só uma palavra do nome", "only one word of the name"),
    "NOT_A_NAME": ("não é um nome", "not a name"),
    # document
    "CHECK_DIGITS": ("dígitos verificadores não conferem", "check digits do not hold"),
    "NO_ISSUING_UF": ("RG sem a UF que o emitiu não identifica ninguém", "an RG without its issuing state identifies nobody"),
    "NOT_VERIFIED": ("número fiscal de um país cujas regras não são conhecidas aqui", "tax number of a country whose rules are not known here"),
    "CNPJ_IN_CPF": ("CNPJ no campo do CPF", "CNPJ in the CPF field"),
    "CPF_IN_CNPJ": ("CPF no campo do CNPJ", "CPF in the CNPJ field"),
    # date
    "DATE_ORDER_UNDECIDED": ("a coluna não diz se o dia vem antes do mês", "the column does not say whether the day comes before the month"),
    "DATE_ORDER": ("dia e mês na ordem contrária à da coluna", "day and month in the other order than the column's"),
    "TWO_DIGIT_YEAR": ("ano com dois dígitos", "year of two digits"),
    "EXCEL_SERIAL": ("data gravada como número do Excel", "date stored as an Excel serial number"),
    "EPOCH_MILLISECONDS": ("data gravada em milissegundos", "date stored as milliseconds"),
    "INVALID_DATE": ("data que não existe", "date that does not exist"),
    "UNREADABLE_DATE": ("data ilegível", "unreadable date"),
    "FUTURE_DATE": ("data no futuro", "date in the future"),
    "TOO_OLD": ("mais de 115 anos", "more than 115 years old"),
    # address and language
    "UNKNOWN_POSTAL_CODE": ("CEP fora de todas as faixas", "postal code outside every range"),
    "UNKNOWN_UF": ("UF desconhecida", "unknown state (UF)"),
    "UF_BESIDE_CITY": ("UF escrita junto do município", "state written beside the town"),
    "UF_CUT": ("UF retirada do nome do município", "state cut from the town's name"),
    "NOT_A_CITY": ("não é um município", "not a town"),
    "CITY_SPELLING": ("município escrito como o IBGE o escreve", "town spelt the way the IBGE spells it"),
    "CITY_ALIAS": ("outro nome ou abreviação do município", "another name of the town, or a short one"),
    "CITY_NOT_IN_UF": ("o município existe, mas não nesta UF", "the town exists, but not in this state"),
    "UNKNOWN_CITY": ("a UF não tem município com este nome", "the state has no town of this name"),
    "STREET_TYPE": ("tipo de logradouro escrito por extenso (R. → Rua)", "type of street written out (R. → Rua)"),
    "NOT_A_STREET": ("não é um logradouro", "not a street"),
    "NOT_A_NUMBER": ("não é um número de casa", "not a house number"),
    "NO_NUMBER": ("endereço sem número (S/N)", "address without a number (S/N)"),
    "UNKNOWN_LANGUAGE": ("idioma desconhecido", "unknown language"),
}


def reason_text(code: str, language: str = "pt") -> str:
    """The words for a code in ``pt`` or ``en``; the code itself when it is not one of ours."""
    words = REASONS.get(code)
    return code if words is None else words[language == "en"]
