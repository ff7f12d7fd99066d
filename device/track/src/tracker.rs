//! The faces of a stream: followed from frame to frame, found anew from time to time.
//!
//! Of each frame first ask [`Tracker::follow`]; where it says so, run the detector and give what
//! it found to [`Tracker::merge`]; then [`Tracker::faces`] is what is seen. Nothing here allocates
//! after [`Tracker::new`]. Who a face is, and whether it is worth reading, is not decided here.

use mien_core::reading::MAX_FACES;
use mien_shared::{
    detection::Detection,
    frame::Grey,
    geometry::{FivePoints, Rect},
};

use crate::{follow::Follow, patch::Patch, watching::Watching};

/// Least overlap of a found face with a followed one to be the same.
const SAME: f32 = 0.3;

/// Overlap above which two followed faces are one.
const TWICE: f32 = 0.5;

/// Most detections of one frame that are looked at.
const FOUND: usize = 2 * MAX_FACES;

/// Detections in a row that may miss a face that is followed.
const MAX_MISSES: u32 = 2;

/// A face that is seen in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Its box in frame pixels; may reach beyond the frame.
    pub rect: Rect,
    /// The detector's score times how well the face could be followed since, 0..=1.
    pub score: f32,
    /// Eyes, nose and mouth corners in frame pixels.
    pub points: FivePoints,
    /// Whether it is this face's turn to have its expression read.
    pub turn: bool,
}

/// Everything that is followed, with its buffers.
#[derive(Debug)]
pub struct Tracker {
    watching: Watching,
    /// Largest first.
    faces: Vec<Follow>,
    spare: Vec<Follow>,
    room: Patch,
    size: [u32; 2],
    /// Frames until the next detection.
    due_in: u32,
    /// Frames in which a face that was lost is still looked for, and how many faces there were.
    search: (u32, usize),
}

impl Tracker {
    /// A tracker that has seen nothing yet.
    #[must_use]
    pub fn new(watching: Watching) -> Self {
        Self {
            watching,
            faces: Vec::with_capacity(MAX_FACES),
            spare: (0..MAX_FACES).map(|_| Follow::new()).collect(),
            room: Patch::new(),
            size: [0, 0],
            due_in: 0,
            search: (0, 0),
        }
    }

    /// Follows every known face into `picture`; true when the detector must look at it too.
    #[must_use]
    pub fn follow(&mut self, picture: &Grey) -> bool {
        let size = [picture.width, picture.height];
        if self.size != size || !self.follows() {
            self.forget();
            self.size = size;
        }
        let known = self.faces.len();
        for index in (0..known).rev() {
            if !self.faces[index].follow(picture, &mut self.room) {
                self.drop_face(index);
            }
        }
        self.due_in = self.due_in.saturating_sub(1);
        self.search.0 = self.search.0.saturating_sub(1);
        if self.faces.len() < known {
            self.search = (self.watching.detect_every, known);
        }
        let look = self.due_in == 0 || self.search.0 > 0;
        if !look {
            self.arrange();
        }
        look
    }

    /// Takes in what the detector found in the `picture` that was just followed into.
    ///
    /// A face that is followed moves a part of the way to where it was found; a face that is
    /// missed twice in a row is dropped; other faces are new, as many as there is room for. One
    /// that was lost is looked for in every frame until the next regular detection.
    pub fn merge(&mut self, picture: &Grey, found: &[Detection]) {
        let mut taken = Taken::default();
        while let Some((face, index)) = self.best_pair(found, &taken) {
            taken.mark(face, index);
            self.faces[face].correct(&found[index]);
        }
        for index in (0..self.faces.len()).rev() {
            let missed = !taken.faces[index];
            if missed && self.is_gone(index) {
                self.drop_face(index);
            }
        }
        let strangers = found.iter().enumerate().take(FOUND).filter(|(i, _)| !taken.found[*i]);
        for (_, found) in strangers {
            self.admit(found);
        }
        if self.follows() {
            self.anchor(picture);
        }
        self.due_in = self.watching.detect_every;
        if self.faces.len() >= self.search.1 {
            self.search = (0, 0);
        }
        self.arrange();
    }

    /// The faces in the last frame, largest first.
    pub fn faces(&self) -> impl ExactSizeIterator<Item = Seen> + '_ {
        self.faces.iter().map(|follow| {
            let Detection { rect, score, points } = follow.face;
            Seen { rect, score, points, turn: follow.turn }
        })
    }

    /// Forgets every face; the next frame is looked at by the detector.
    pub fn forget(&mut self) {
        self.spare.append(&mut self.faces);
        (self.due_in, self.search) = (0, (0, 0));
    }

    /// Whether frames follow one another.
    fn follows(&self) -> bool {
        self.watching.detect_every > 1
    }

    /// The best overlap among what is not yet paired.
    fn best_pair(&self, found: &[Detection], taken: &Taken) -> Option<(usize, usize)> {
        let faces = self.faces.iter().enumerate().filter(|(i, _)| !taken.faces[*i]);
        let pairs = faces.flat_map(|(face, follow)| {
            let found = found.iter().enumerate().take(FOUND).filter(|(i, _)| !taken.found[*i]);
            found.map(move |(index, found)| (follow.face.rect.iou(&found.rect), face, index))
        });
        let best = pairs.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|pair| pair.0 >= SAME);
        best.map(|(_, face, index)| (face, index))
    }

    /// Doubts a face that was not found; true when it was missed too often or is another face
    /// followed twice.
    fn is_gone(&mut self, index: usize) -> bool {
        self.faces[index].miss();
        let Follow { face, misses, .. } = &self.faces[index];
        let mut others = self.faces.iter().enumerate().filter(|(i, _)| *i != index);
        *misses >= MAX_MISSES || others.any(|(_, other)| other.face.rect.iou(&face.rect) > TWICE)
    }

    /// Begins to follow a face; where there is no room, the smallest one gives way to a larger.
    fn admit(&mut self, found: &Detection) {
        let area = |follow: &Follow| follow.face.rect.area();
        if self.spare.is_empty() {
            let all = 0..self.faces.len();
            let smallest =
                all.min_by(|a, b| area(&self.faces[*a]).total_cmp(&area(&self.faces[*b])));
            if let Some(index) = smallest.filter(|i| area(&self.faces[*i]) < found.rect.area()) {
                self.drop_face(index);
            }
        }
        if let Some(mut follow) = self.spare.pop() {
            follow.begin(found);
            self.faces.push(follow);
        }
    }

    /// Remembers what every face looks like now.
    fn anchor(&mut self, picture: &Grey) {
        for index in (0..self.faces.len()).rev() {
            if !self.faces[index].anchor(picture) {
                self.drop_face(index);
            }
        }
    }

    fn drop_face(&mut self, index: usize) {
        self.spare.push(self.faces.swap_remove(index));
    }

    /// Puts the largest first and gives a turn to those that waited longest.
    fn arrange(&mut self) {
        self.faces.sort_unstable_by(|a, b| b.face.rect.area().total_cmp(&a.face.rect.area()));
        for index in 0..self.faces.len() {
            let waited = self.faces[index].unread;
            let earlier = |(i, other): &(usize, &Follow)| {
                other.unread > waited || (other.unread == waited && *i < index)
            };
            let before = self.faces.iter().enumerate().filter(earlier).count();
            self.faces[index].turn = before < self.watching.read_at_most as usize;
        }
        for follow in &mut self.faces {
            follow.unread = if follow.turn { 0 } else { follow.unread.saturating_add(1) };
        }
    }
}

/// Which faces and detections are paired already.
#[derive(Debug, Default)]
struct Taken {
    faces: [bool; MAX_FACES],
    found: [bool; FOUND],
}

impl Taken {
    fn mark(&mut self, face: usize, found: usize) {
        (self.faces[face], self.found[found]) = (true, true);
    }
}

#[cfg(test)]
mod tests;
