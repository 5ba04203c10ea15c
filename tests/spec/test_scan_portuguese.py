"""What the scan finds in Portuguese free text, and what it must leave alone. Left the text, right the text as it travels on."""

import pandas as pd
import pytest

from contacts.warehouse import TEXT
from privacy.scanning import scan_texts

FOUND = [
    # identifiers: masked ones by themselves, bare digits only with their word before or after
    ("Meu CPF é 111.444.777-35, podem verificar?", "Meu CPF é <CPF>, podem verificar?"),
    ("cpf 11144477735 por favor", "cpf <CPF> por favor"),
    ("CPF:11144477735", "CPF:<CPF>"),
    ("11144477735 é o meu CPF", "<CPF> é o meu CPF"),
    ("111 444 777 35", "<CPF>"),
    ("Meu cpf 123.456.789-00 não entra", "Meu cpf <CPF> não entra"),  # mistyped, yet said to be one
    ("O CNPJ é 11.222.333/0001-81.", "O CNPJ é <CNPJ>."),
    ("CNPJ novo 12.ABC.345/01DE-35", "CNPJ novo <CNPJ>"),
    ("O CNPJ 11222333000181 da empresa", "O CNPJ <CNPJ> da empresa"),
    ("Entregar no CEP 01310-100", "Entregar no CEP <CEP>"),
    ("CÓDIGO POSTAL 01310100", "CÓDIGO POSTAL <CEP>"),
    ("Pagou com o cartão 4111 1111 1111 1111, validade 12/29.", "Pagou com o cartão <CARTAO>, validade 12/29."),
    ("3782 822463 10005 amex", "<CARTAO> amex"),
    # contact points
    ("Mudei de e-mail, agora é joao.silva+loja@example.com.br!", "Mudei de e-mail, agora é <EMAIL>!"),
    ("ana @ example.com", "<EMAIL>"),
    ("Me liguem no 11987654321 depois das 18h.", "Me liguem no <TELEFONE> depois das 18h."),
    ("Recado: (11) 3456-7890 ou +55 11 98765-4321", "Recado: <TELEFONE> ou <TELEFONE>"),
    ("11 98765-4321", "<TELEFONE>"),
    ("whats 98765-4321", "whats <TELEFONE>"),
    ("Meu zap: 936570443", "Meu zap: <TELEFONE>"),
    ("O celular é (15) 18144-4546", "O celular é <TELEFONE>"),  # mistyped, yet said to be one
    ("mi nuevo teléfono es +34 612 345 678.", "mi nuevo teléfono es <TELEFONE>."),
    # names
    ("Quem vai retirar é Maria da Silva Santos.", "Quem vai retirar é <NOME>."),
    ("Obrigado, João Pedro de Alcântara", "Obrigado, <NOME>"),
    ("A senhora MARIA APARECIDA DOS SANTOS ligou", "A senhora <NOME> ligou"),
    ("Meu nome é carlos henrique e moro aqui", "Meu nome é <NOME> e moro aqui"),
    ("Falar com Dona Zuleide amanhã", "Falar com Dona <NOME> amanhã"),
    ("Deixem com a vizinha Ifigênia Tourinho", "Deixem com a vizinha <NOME>"),
    ("No hospital: Dra. Ana Lúcia Prado", "No hospital: Dra. <NOME>"),
    ("Atenciosamente, Débora", "Atenciosamente, <NOME>"),
    ("É da minha mãe, Marco Vitale Esposito.", "É da minha mãe, <NOME>."),
    # sensitive data
    ("Preciso remarcar a quimioterapia.", "Preciso remarcar a <SAUDE>."),
    ("Cliente gestante, evitar ligações", "Cliente <SAUDE>, evitar ligações"),
    ("Sou evangélica e não compro aos sábados", "Sou <RELIGIAO> e não compro aos sábados"),
    ("Trabalho no sindicato dos bancários", "Trabalho no <SINDICATO> dos bancários"),
]

LEFT_ALONE = [
    "Pedido 11144477735 não chegou",  # passes as a CPF, as one in a hundred numbers does
    "Protocolo 11987654321 sem resposta",  # could be a mobile number
    "Pedido 123.456.789-00",
    "Pedido #123456789 valor 1.234,56 em 10/10/2024 às 10:30",
    "Boleto 34191.79001 01043.510047 91020.150008 5 91070026000",
    "NF-e 35200114200166000187550010000000071000000070",
    "Favor ligar sobre o pedido 936570443",
    "Foi em Março de 2025",
    "Código de rastreio BR123456789BR",
    "O número 11111111111 e o 00000000000",
    "Ref. 01310-100 do catálogo",
    "Serial 4111111111111112 com defeito",
    "excepcional 01310100",  # "cep" inside a word is no context
    "Rua Maria Quitéria, 100, São José dos Campos",
    "Avenida Dr. Arnaldo, perto do Hospital Santa Catarina",
    "Transportes João Carlos Ltda não entregou",
    "Chegou em 12 de Maio. Black Friday no Natal",
    "Bom dia. Gostaria de trocar a Geladeira. Obrigada!",
    "O cupom de desconto não funciona no carrinho.",
    "Comprei no site da Amazon pelo Mercado Livre",
]


@pytest.mark.parametrize(("text", "travels_on"), FOUND)
def test_personal_data_are_found_and_redacted(text: str, travels_on: str) -> None:
    assert scan_texts(pd.Series([text], dtype=TEXT))[1].tolist() == [travels_on]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_only_looks_like_personal_data_is_left_alone(text: str) -> None:
    assert scan_texts(pd.Series([text], dtype=TEXT))[1].tolist() == [text]


def test_texts_do_not_change_each_other() -> None:
    together = pd.Series([text for text, _ in FOUND] + LEFT_ALONE, dtype=TEXT)
    alone = [scan_texts(pd.Series([text], dtype=TEXT))[1].iloc[0] for text in together]
    assert scan_texts(together)[1].tolist() == alone


def test_finds_never_overlap_and_say_where_and_by_whom() -> None:
    findings, _ = scan_texts(pd.Series(["CPF 111.444.777-35 e fone (11) 98765-4321", "nada", "joao.silva@example.com"], dtype=TEXT))
    assert findings[["place", "entity", "recogniser"]].values.tolist() == [[0, "BR_CPF", "Cpf"], [0, "PHONE", "Phone"], [2, "EMAIL", "Email"]]
    assert findings[["start", "end"]].values.tolist() == [[4, 18], [26, 41], [0, 22]]
    assert findings["score"].between(0.4, 1).all()
