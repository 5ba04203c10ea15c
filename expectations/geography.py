"""Which state (UF) an area code, a postal code or a CPF belongs to, for the rules that compare them with the address."""

from contacts.values.reading import table

_DDD = table("ddd")
_CEP = table("postal_code")

DDD_UFS: dict[str, tuple[str, ...]] = {ddd: (uf,) for ddd, uf in zip(_DDD["ddd"], _DDD["uf"], strict=True)} | {"61": ("DF", "GO")}
"""Area code -> the states it serves; the towns of Goiás around Brasília share its 61."""
CEP_RANGES: tuple[tuple[str, str, str], ...] = tuple(zip(_CEP["first"], _CEP["last"], _CEP["uf"], strict=True))
"""First three digits of the postal code, from and to, and the state; ascending, without overlap."""
CPF_UFS: dict[str, tuple[str, ...]] = {
    "1": ("DF", "GO", "MS", "MT", "TO"), "2": ("AC", "AM", "AP", "PA", "RO", "RR"), "3": ("CE", "MA", "PI"), "4": ("AL", "PB", "PE", "RN"), "5": ("BA", "SE"),
    "6": ("MG",), "7": ("ES", "RJ"), "8": ("SP",), "9": ("PR", "SC"), "0": ("RS",),
}  # fmt: skip
"""Ninth digit of a CPF -> the states of the tax region that issued it; people move and keep it, so it is a hint only."""
