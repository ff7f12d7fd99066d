//! How a panel's memory holds a pixel, little endian as on every board we know.
//!
//! | depth | order `rgb` | order `bgr` |
//! |---|---|---|
//! | 16 | RGB565: red in the five highest bits | blue in the five highest bits |
//! | 24 | bytes blue, green, red | bytes red, green, blue |
//! | 32 | bytes blue, green, red, unused (XRGB8888) | bytes red, green, blue, unused |

/// Bits of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Bits16,
    Bits24,
    Bits32,
}

/// Which colour has the highest bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Order {
    #[default]
    Rgb,
    Bgr,
}

/// A pixel's layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) depth: Depth,
    pub(crate) order: Order,
}

impl Format {
    /// DRM's XRGB8888.
    pub(crate) const XRGB8888: Self = Self { depth: Depth::Bits32, order: Order::Rgb };

    /// Bytes of a pixel.
    pub(crate) fn bytes(self) -> usize {
        match self.depth {
            Depth::Bits16 => 2,
            Depth::Bits24 => 3,
            Depth::Bits32 => 4,
        }
    }

    /// Appends a pixel of red, green and blue.
    pub(crate) fn put(self, [red, green, blue]: [u8; 3], out: &mut Vec<u8>) {
        let (high, low) = match self.order {
            Order::Rgb => (red, blue),
            Order::Bgr => (blue, red),
        };
        match self.depth {
            Depth::Bits16 => out.extend_from_slice(&rgb565([high, green, low]).to_le_bytes()),
            Depth::Bits24 => out.extend_from_slice(&[low, green, high]),
            Depth::Bits32 => out.extend_from_slice(&[low, green, high, 0]),
        }
    }
}

/// Five, six and five bits, the first highest.
fn rgb565([high, middle, low]: [u8; 3]) -> u16 {
    (u16::from(high >> 3) << 11) | (u16::from(middle >> 2) << 5) | u16::from(low >> 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(depth: Depth, order: Order) -> Vec<u8> {
        let mut out = Vec::new();
        Format { depth, order }.put([0xf8, 0x84, 0x08], &mut out);
        out
    }

    #[test]
    fn pixels_lie_in_memory_as_drivers_expect() {
        assert_eq!(bytes(Depth::Bits16, Order::Rgb), 0xfc21_u16.to_le_bytes());
        assert_eq!(bytes(Depth::Bits16, Order::Bgr), 0x0c3f_u16.to_le_bytes());
        assert_eq!(bytes(Depth::Bits24, Order::Rgb), [0x08, 0x84, 0xf8]);
        assert_eq!(bytes(Depth::Bits24, Order::Bgr), [0xf8, 0x84, 0x08]);
        assert_eq!(bytes(Depth::Bits32, Order::Rgb), [0x08, 0x84, 0xf8, 0]);
        assert_eq!(bytes(Depth::Bits32, Order::Bgr), [0xf8, 0x84, 0x08, 0]);
    }
}
