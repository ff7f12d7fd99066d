//! The 24 interest points of a face, made of its 68 landmarks: sixteen landmarks, six midpoints and
//! two points on the cheeks.
//!
//! ```text
//! 0-3 brows   4-7 eyes   8-9 nose   10-15 mouth   16-17 brow and upper lid   18-19 lower lid
//! 20-21 cheek, from outer brow to lower lip   22-23 cheek, beside the mouth corner
//! ```
//!
//! Li et al. 2019, doi 10.1109/TIP.2018.2886767, whose script (mysee1989/PG-CNN,
//! `convert_point/pts68_24`) gives the numbers, for a face in a frame of 256 pixels; the script's
//! loop lifts the inner brow points by 10 of them and the others by 2. A point is as sure as the
//! less sure of the landmarks it is made of (1980x/SCAN-CCI-FER). Ding et al. 2020, arXiv
//! 2005.06040, take the same 24.

use burn::tensor::{Device, Int, Tensor};

/// Interest points of a face.
pub const INTEREST_POINTS: usize = 24;

/// Side of the frame the script's offsets are for, pixels.
const FRAME: f32 = 256.0;

/// What a point is made of: the midpoint of two landmarks, counted from 1 as the script does,
/// moved by so many pixels of the frame.
type Rule = ([u8; 2], [f32; 2]);

const RULES: [Rule; INTEREST_POINTS] = [
    ([19, 19], [0.0, -2.0]),
    ([22, 22], [0.0, -10.0]),
    ([23, 23], [0.0, -10.0]),
    ([26, 26], [0.0, -2.0]),
    ([39, 39], [0.0, 0.0]),
    ([37, 37], [0.0, 0.0]),
    ([44, 44], [0.0, 0.0]),
    ([46, 46], [0.0, 0.0]),
    ([28, 28], [0.0, 0.0]),
    ([30, 30], [0.0, 0.0]),
    ([49, 49], [0.0, 0.0]),
    ([51, 51], [0.0, 0.0]),
    ([53, 53], [0.0, 0.0]),
    ([55, 55], [0.0, 0.0]),
    ([59, 59], [0.0, 0.0]),
    ([57, 57], [0.0, 0.0]),
    ([20, 38], [0.0, 0.0]),
    ([25, 45], [0.0, 0.0]),
    ([41, 42], [0.0, 0.0]),
    ([47, 48], [0.0, 0.0]),
    ([18, 59], [0.0, 0.0]),
    ([27, 57], [0.0, 0.0]),
    ([49, 49], [-16.0, -16.0]),
    ([55, 55], [16.0, -16.0]),
];

/// The interest points of `landmarks`: x and y in units of the crop's side, confidence 0..=1.
///
/// # Shapes
/// `[N, 68, 3] -> [N, 24, 3]`
pub fn interest_points(landmarks: &Tensor<3>) -> Tensor<3> {
    let device = landmarks.device();
    let [first, second] =
        [0, 1].map(|parent| landmarks.clone().select(1, parents(parent, &device)));
    let [count, points, _] = first.dims();
    let split = |x: Tensor<3>| {
        let places = x.clone().slice([0..count, 0..points, 0..2]);
        (places, x.slice([0..count, 0..points, 2..3]))
    };
    let ((first, sure), (second, other)) = (split(first), split(second));
    let places = (first + second) / 2.0 + offsets(&device);
    Tensor::cat(vec![places, sure.min_pair(other)], 2)
}

/// Indices, from 0, of one landmark of each point.
fn parents(parent: usize, device: &Device) -> Tensor<1, Int> {
    Tensor::from_ints(RULES.map(|(parents, _)| i32::from(parents[parent]) - 1), device)
}

/// How far each point is moved, in units of the crop's side, `[1, 24, 2]`.
fn offsets(device: &Device) -> Tensor<3> {
    let offsets: Tensor<2> = Tensor::from_floats(RULES.map(|(_, by)| by), device);
    offsets.div_scalar(FRAME).unsqueeze()
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use mien_shared::geometry::{LANDMARK_MIRROR, LANDMARKS};

    use super::*;

    /// The 68 landmarks in the head of the script, x and y in a frame of 256 pixels.
    #[rustfmt::skip]
    const LANDMARKS_256: [f32; 2 * LANDMARKS] = [
        77.296, 68.9777, 73.567, 90.7539, 73.6699, 113.881, 79.9589, 136.925, 88.602, 159.343,
        96.9307, 182.794, 103.036, 207.712, 109.993, 232.036, 128.076, 243.549, 153.429, 242.918,
        179.261, 230.738, 203.013, 212.499, 225.096, 190.425, 242.54, 163.559, 252.689, 132.387,
        258.408, 99.7858, 261.177, 68.0818, 71.821, 39.3796, 78.2819, 34.4547, 88.2084, 36.6252,
        98.1481, 42.2743, 106.693, 50.228, 135.723, 49.4309, 153.476, 42.9695, 173.333, 40.9377,
        193.035, 44.856, 209.539, 55.3789, 117.967, 72.6591, 112.651, 93.6165, 106.934, 113.757,
        101.112, 134.238, 93.4317, 138.974, 100.895, 146.222, 111.083, 150.9, 124.761, 147.994,
        138.013, 143.401, 81.4451, 64.0033, 88.9698, 59.1275, 100.154, 61.2914, 109.243, 71.2262,
        98.1165, 72.3046, 87.4698, 70.5781, 150.665, 75.6852, 162.124, 66.8818, 176.191, 67.5268,
        189.706, 73.9465, 176.317, 79.2318, 162.724, 78.8251, 98.3533, 168.282, 99.1543, 164.876,
        106.338, 164.42, 114.832, 167.934, 125.418, 166.461, 146.976, 170.3, 168.772, 176.455,
        150.692, 196.913, 130.527, 206.397, 117.813, 206.379, 107.611, 202.086, 100.613, 188.22,
        101.509, 170.8, 107.234, 172.765, 115.758, 175.421, 126.899, 175.321, 164.082, 177.564,
        129.619, 191.135, 118.106, 191.089, 108.978, 186.881,
    ];

    /// What the head of the script has for them, x and y in a frame of 224 pixels.
    #[rustfmt::skip]
    const POINTS_224: [[i32; 2]; INTEREST_POINTS] = [
        [68, 28], [93, 35], [119, 35], [169, 37], [88, 54], [71, 56], [142, 59], [166, 65],
        [103, 64], [94, 100], [86, 147], [93, 144], [110, 146], [148, 154], [94, 177], [114, 181],
        [78, 42], [153, 47], [81, 63], [148, 69], [79, 106], [149, 115], [72, 138], [162, 146],
    ];

    /// The landmarks above in units of the side, each with its own confidence.
    fn landmarks() -> Vec<f32> {
        let sure = |i: usize| 1.0 - i as f32 / 100.0;
        let (pairs, _) = LANDMARKS_256.as_chunks::<2>();
        let row = |(i, [x, y]): (usize, &[f32; 2])| [x / 256.0, y / 256.0, sure(i)];
        pairs.iter().enumerate().flat_map(row).collect()
    }

    fn points(landmarks: Vec<f32>) -> Vec<[f32; 3]> {
        let data = TensorData::new(landmarks, [1, LANDMARKS, 3]);
        let points = interest_points(&Tensor::from_data(data, &Device::flex())).into_data();
        points.try_to_vec::<f32>().unwrap().as_chunks::<3>().0.to_vec()
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "the script truncates")]
    fn the_script_s_own_face_has_the_script_s_own_points() {
        let found = points(landmarks());
        let mut wanted = POINTS_224;
        // The comment's cheek points are of an older offset, 10 pixels up; the code's is 16.
        (wanted[22][1], wanted[23][1]) = (133, 140);
        for (at, ([x, y, _], wanted)) in found.into_iter().zip(wanted).enumerate() {
            assert_eq!([x, y].map(|place| (224.0 * place + 0.5) as i32), wanted, "{at}");
        }
    }

    #[test]
    fn a_point_is_as_sure_as_its_less_sure_parent() {
        let sure: Vec<f32> = points(landmarks()).into_iter().map(|[_, _, sure]| sure).collect();
        // Landmark 18 counts from 1 as the script does; its confidence here is 1 - 17 %.
        let wanted = [(0, 0.82), (16, 0.63), (20, 0.42), (22, 0.52), (23, 0.46)];
        assert!(wanted.iter().all(|&(at, wanted)| (sure[at] - wanted).abs() < 1e-6), "{sure:?}");
    }

    #[test]
    fn a_mirrored_face_has_mirrored_points_that_changed_sides() {
        const MIRROR: [usize; INTEREST_POINTS] =
            [3, 2, 1, 0, 6, 7, 4, 5, 8, 9, 13, 12, 11, 10, 15, 14, 17, 16, 19, 18, 21, 20, 23, 22];
        let face = landmarks();
        let (rows, _) = face.as_chunks::<3>();
        let mirrored = LANDMARK_MIRROR.map(|partner| {
            let [x, y, sure] = rows[partner];
            [1.0 - x, y, sure]
        });
        let (plain, found) = (points(face.clone()), points(mirrored.concat()));
        for (at, partner) in MIRROR.into_iter().enumerate() {
            let [x, y, sure] = plain[partner];
            let gaps = [found[at][0] - (1.0 - x), found[at][1] - y, found[at][2] - sure];
            assert!(gaps.iter().all(|gap| gap.abs() < 1e-6), "{at}: {gaps:?}");
        }
    }
}
