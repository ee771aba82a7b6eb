"""Names that mean the same make or model. Data only: no key of the platform is assumed here."""

from __future__ import annotations

from portal.platforms.matching import Aliases

MAKES = Aliases(
    (
        ("VW", "Volkswagen", "VW Nutzfahrzeuge", "Volkswagen Nutzfahrzeuge", "Volkswagen VW", "VAG"),
        ("Mercedes-Benz", "Mercedes", "Mercedes Benz", "Daimler-Benz", "Daimler Benz", "Mercedes-AMG", "MB"),
        ("BMW", "BMW i", "BMW M", "Bayerische Motoren Werke"),
        ("Alfa Romeo", "Alfa", "AlfaRomeo"),
        ("smart", "MCC smart", "Smart MCC"),
        ("MINI", "BMW MINI", "Mini Cooper"),
        ("Citroën", "Citroen", "Citr"),
        ("DS Automobiles", "DS"),
        ("Land Rover", "Landrover", "Range Rover"),
        ("Rolls-Royce", "Rolls Royce", "RollsRoyce"),
        ("Aston Martin", "AstonMartin"),
        ("Škoda", "Skoda", "Skoda Auto"),
        ("Seat", "SEAT S.A."),
        ("SsangYong", "Ssang Yong", "KGM", "KG Mobility"),
        ("Chevrolet", "Chevy", "GM Chevrolet"),
        ("Lada", "Lada Automobile", "VAZ"),
        ("MG", "MG Roewe", "MG Motor"),
        ("GWM", "Great Wall", "GWM ORA"),
        ("Lynk & Co", "Lynk&Co", "Lynk und Co"),
        ("Harley-Davidson", "Harley Davidson", "Harley"),
        ("Moto Guzzi", "MotoGuzzi", "Guzzi"),
        ("KTM", "KTM Sportmotorcycle"),
        ("Knaus", "Knaus Tabbert"),
        ("Andere", "Sonstige", "Other", "Others", "Weitere"),
    )
)

MODELS = Aliases(
    (
        ("T5", "T5 Transporter", "Transporter T5", "T5 Kasten"),
        ("T6", "T6 Transporter", "Transporter T6", "T6 Kasten"),
        ("C-Klasse", "C Klasse", "C-Class"),
        ("fortwo", "ForTwo", "City Coupé", "smart fortwo"),
        ("forfour", "ForFour", "smart forfour"),
        ("Cee'd", "ceed", "cee'd Sportswagon"),
        ("Mégane", "Megane"),
        ("Scénic", "Scenic"),
        ("Beetle", "New Beetle"),
        ("Ka", "Ka/Ka+"),
        ("Andere", "Sonstige", "Other", "Others", "andere Modelle"),
    )
)
