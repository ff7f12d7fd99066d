//! How Home Assistant learns of a device: one retained message with all its entities, as
//! [MQTT device discovery](https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload)
//! asks for.

use mien_shared::{label::Expression, telemetry::Hello};
use serde_json::{Value, json};

use super::{board::Slot, settings::Settings};

/// The message of this device.
pub(super) fn config(settings: &Settings, hello: &Hello) -> String {
    let states = Expression::ALL.into_iter().map(Expression::name);
    let states: Vec<_> = states.chain(["unknown", "none"]).collect();
    let entity = |key: &str, rest: Value| entity(settings, key, rest);
    json!({
        "device": {
            "identifiers": [format!("mien_{}", settings.device)],
            "name": settings.device,
            "manufacturer": "Mien",
            "model": hello.board,
            "sw_version": hello.firmware,
        },
        "origin": { "name": "Mien", "sw_version": hello.firmware },
        "availability_topic": settings.topic(Slot::Available),
        "qos": u8::from(settings.confirmed),
        "components": {
            "expression": entity("expression", json!({
                "platform": "sensor",
                "name": "Expression",
                "device_class": "enum",
                "options": states,
                "state_topic": settings.topic(Slot::Expression),
            })),
            "faces": entity("faces", json!({
                "platform": "sensor",
                "name": "Faces",
                "state_class": "measurement",
                "state_topic": settings.topic(Slot::Faces),
            })),
            "reading": entity("reading", json!({
                "platform": "switch",
                "name": "Reading",
                "state_topic": settings.topic(Slot::ReadingState),
                "command_topic": settings.below("reading/set"),
            })),
            "calibrate": entity("calibrate", json!({
                "platform": "button",
                "name": "Calibrate",
                "entity_category": "config",
                "command_topic": settings.below("calibrate/set"),
            })),
            "page": entity("page", json!({
                "platform": "button",
                "name": "Next page",
                "entity_category": "config",
                "command_topic": settings.below("page/set"),
            })),
        },
    })
    .to_string()
}

/// An entity with its name for ever.
fn entity(settings: &Settings, key: &str, mut rest: Value) -> Value {
    rest["unique_id"] = json!(format!("mien_{}_{key}", settings.device));
    rest
}

#[cfg(test)]
mod tests {
    use mien_core::{command, spec::Spec};

    use super::*;
    use crate::Link;

    #[test]
    fn every_entity_has_a_name_for_ever_and_a_topic_of_the_device() {
        let spec = Spec::parse("mqtt://h/site?discovery=homeassistant").unwrap();
        let link = Link { device: "hall".into(), asker: command::channel().0 };
        let settings = Settings::parse(&spec, &link).unwrap();
        let hello = Hello { firmware: "0.1.0".into(), board: "pi5".into(), models: vec![] };
        let config: Value = serde_json::from_str(&config(&settings, &hello)).unwrap();
        assert_eq!(config["availability_topic"], "site/hall/available");
        assert_eq!(config["device"]["model"], "pi5");
        let components = config["components"].as_object().unwrap();
        assert_eq!(components.len(), 5);
        for (key, entity) in components {
            assert_eq!(entity["unique_id"], format!("mien_hall_{key}"));
            let topic = entity.get("state_topic").or(entity.get("command_topic")).unwrap();
            assert!(topic.as_str().unwrap().starts_with("site/hall/"), "{topic}");
        }
        assert_eq!(components["expression"]["options"].as_array().unwrap().len(), 10);
        let topic = settings.topic(Slot::Discovery);
        assert_eq!(topic, "homeassistant/device/mien_hall/config");
    }
}
