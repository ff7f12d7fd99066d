"""Names of the wire's numbers. A number beyond a table is of a later release."""

UNKNOWN = ("unsure", "small", "dark", "blurred", "turned", "covered")

STATES = ("starting", "reading", "paused", "no-camera", "cooling", "stopping")

FAULTS = (
    "camera-lost",
    "camera-stalled",
    "camera-damaged",
    "sink-lost",
    "panel-lost",
    "hot",
    "power",
    "stage-hung",
    "model",
    "config",
)

#: FACS numbers of the action units there are.
ACTION_UNITS = frozenset(
    (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43, 45)
)

#: CelebA's attributes in its order.
ATTRIBUTES = (
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Attractive",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Blurry",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
    "Young",
)
