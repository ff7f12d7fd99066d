//! A run in progress: epochs of steps, each epoch judged and stored.

use std::{sync::mpsc::sync_channel, thread};

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    tensor::Device,
};
use mien_data::DataError;

use super::{
    EpochLog, Loss, Task, TrainError,
    average::Average,
    checkpoint::{Checkpoint, CheckpointError, Progress, load_weights},
    clip, freeze, inspect,
    journal::Journal,
    loss::Sums,
    progress::Bar,
    run::Run,
};
use crate::{
    recipe::TrainRecipe,
    weights::{self, Report, Start, WeightsError},
};

/// Batches prepared ahead of the step.
const AHEAD: usize = 4;

/// A run in progress.
pub struct Trainer<'a, T: Task> {
    task: &'a T,
    recipe: TrainRecipe,
    seed: u64,
    device: Device,
    net: T::Net,
    optimizer: ModuleOptimizer,
    average: Option<Average>,
    progress: Progress,
    stop_after: u32,
}

impl<'a, T: Task> Trainer<'a, T> {
    /// A run at its start; `device` is without autodiff.
    pub fn new(task: &'a T, recipe: TrainRecipe, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        device.seed(seed);
        let trainer = Self {
            task,
            seed,
            net: task.init(&device),
            optimizer: recipe.optimizer(),
            average: None,
            device,
            progress: Progress::default(),
            stop_after: recipe.epochs,
            recipe,
        };
        trainer.averaged()
    }

    /// The run with its average, where the recipe wants one, starting from the present weights.
    fn averaged(self) -> Self {
        let decay = self.recipe.average;
        Self { average: (decay > 0.0).then(|| Average::of(&self.net.valid(), decay)), ..self }
    }

    /// Continues from `checkpoint` instead of from the start.
    ///
    /// # Errors
    /// When the checkpoint is not of this network.
    pub fn resume(mut self, checkpoint: &Checkpoint) -> Result<Self, CheckpointError> {
        (self.net, self.optimizer) = checkpoint.restore(self.net, self.optimizer)?;
        self.progress = checkpoint.progress;
        if let Some(average) = &mut self.average {
            let net = load_weights(self.net.valid(), checkpoint.average())?;
            *average = Average::of(&net, self.recipe.average);
        }
        Ok(self)
    }

    /// Starts from the weights of `donor`, the network of another run, instead of fresh ones.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn start_from<D: Module>(self, donor: &D, start: Start<'_>) -> Result<Self, WeightsError> {
        self.started(|net| weights::start_from_net(net, donor, start))
    }

    /// Starts from a safetensors file; only a layer called `head` may be of another class count.
    ///
    /// # Errors
    /// When the file cannot be used or lacks other weights of the network.
    pub fn start_from_safetensors(self, start: Start<'_>) -> Result<Self, WeightsError> {
        self.started(|net| weights::start_from_safetensors(net, start))
    }

    /// With the network that `start` makes of the fresh one; tells what was taken.
    fn started(
        self,
        start: impl FnOnce(T::Net) -> Result<(T::Net, Report), WeightsError>,
    ) -> Result<Self, WeightsError> {
        let Self { net, .. } = self;
        let (net, report) = start(net)?;
        eprintln!("{report}");
        let started = Self { net, ..self };
        Ok(started.averaged())
    }

    /// Stops when `epochs` are done, to be resumed later; the schedule stays the recipe's.
    #[must_use]
    pub fn stop_after(self, epochs: u32) -> Self {
        Self { stop_after: epochs, ..self }
    }

    /// Trains to the last epoch or until patience runs out, writing into `run`.
    ///
    /// # Errors
    /// When the loss is not finite, a sample cannot be read or the run folder cannot be written.
    pub fn fit(mut self, run: &Run) -> Result<Progress, TrainError> {
        run.forget_after(self.progress.epoch)?;
        let mut journal = Journal::open(run)?;
        self.freeze()?;
        while !self.finished() {
            self.enter_stage()?;
            let log = self.epoch(run)?;
            journal.add(&log)?;
            if self.progress.judge(&log.validation, &self.recipe.schedule) {
                run.save_best(self.judged().into_record())?;
            }
            let average = self.average.is_some().then(|| self.judged());
            let nets = (&self.net, average.as_ref());
            run.save_last(&Checkpoint::take(nets, &self.optimizer, self.progress)?)?;
        }
        Ok(self.progress)
    }

    /// The network to judge and to keep: the averaged one where there is one.
    fn judged(&self) -> T::Net {
        let net = self.net.valid();
        match &self.average {
            Some(average) => average.apply(net),
            None => net,
        }
    }

    fn finished(&self) -> bool {
        self.progress.epoch >= self.recipe.epochs.min(self.stop_after)
            || self.progress.stale >= self.recipe.patience
    }

    /// Freezes what the stage of the next epoch wants frozen, and nothing else.
    fn freeze(&mut self) -> Result<(), TrainError> {
        let (number, _) = self.recipe.stage_at(self.progress.epoch);
        if let Some(stage) = self.recipe.stages.get(number) {
            freeze::check(&self.net, stage.freeze.iter().chain(stage.rates.keys()))?;
            self.net = freeze::only(self.net.clone(), &stage.freeze);
        }
        Ok(())
    }

    /// At the first epoch of a later stage: another freeze, a fresh optimiser, the full rate.
    fn enter_stage(&mut self) -> Result<(), TrainError> {
        let (number, first) = self.recipe.stage_at(self.progress.epoch);
        if number > 0 && first == self.progress.epoch {
            self.freeze()?;
            self.optimizer = self.recipe.optimizer();
            self.progress.scale = 1.0;
        }
        Ok(())
    }

    fn epoch(&mut self, run: &Run) -> Result<EpochLog, TrainError> {
        let epoch = self.progress.epoch;
        let order = self.task.order(self.seed, epoch);
        // A last batch of one sample has no variance to normalise by; it joins the next epoch.
        let batches: Vec<_> = order.chunks(self.recipe.batch).filter(|b| b.len() > 1).collect();
        let bar = Bar::new(epoch + 1, self.recipe.epochs, batches.len());
        let task = self.task;
        let sums = thread::scope(|scope| {
            let (sender, receiver) = sync_channel(AHEAD);
            let prepared = batches.iter().map(|indices| task.batch(epoch, indices));
            // A closed channel means that the step failed: nobody wants the rest.
            scope.spawn(move || prepared.map(|b| sender.send(b)).all(|sent| sent.is_ok()));
            self.steps(receiver.into_iter().zip(&batches), &bar, run)
        })?;
        let samples_per_s = bar.rate() * self.recipe.batch as f64;
        let validation = self.task.validate(&self.judged(), &self.device.clone().inner());
        let (loss, parts) = sums.means();
        bar.finish(loss, &validation);
        self.progress.epoch += 1;
        let rate = self.rate(batches.len() as u64);
        Ok(EpochLog { epoch: self.progress.epoch, loss, parts, rate, samples_per_s, validation })
    }

    fn steps<'b>(
        &mut self,
        batches: impl Iterator<Item = (Result<T::Batch, DataError>, &'b &'b [usize])>,
        bar: &Bar,
        run: &Run,
    ) -> Result<Sums, TrainError> {
        let mut sums = Sums::default();
        for (batch, indices) in batches {
            // Dropout draws from the device: reseeding per step keeps a resumed run identical.
            self.device
                .seed(self.seed ^ (self.progress.step + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let loss = self.task.loss(&self.net, batch?, &self.device);
            let value = sums.add(&loss);
            if !value.is_finite() {
                return Err(self.diverged(indices, run));
            }
            self.step(loss, bar.steps());
            bar.step(value);
        }
        Ok(sums)
    }

    fn step(&mut self, loss: Loss, per_epoch: u64) {
        let mut gradients = GradientsParams::from_grads(loss.total().backward(), &self.net);
        if self.recipe.clip > 0.0 {
            gradients = clip::by_norm(&self.net, gradients, self.recipe.clip);
        }
        let (number, _) = self.recipe.stage_at(self.progress.epoch);
        let rates = self.recipe.stages.get(number).map(|stage| &stage.rates);
        let rate = freeze::rates(self.rate(per_epoch), rates);
        self.net = self.optimizer.step(rate, self.net.clone(), gradients);
        self.progress.step += 1;
        if let Some(average) = &mut self.average {
            average.update(&self.net.valid(), self.progress.step);
        }
    }

    fn rate(&self, per_epoch: u64) -> f64 {
        self.recipe.rate_at(self.progress.step, per_epoch) * self.progress.scale
    }

    /// Keeps the batch whose loss is not a number, to be looked at.
    fn diverged(&self, indices: &[usize], run: &Run) -> TrainError {
        let (epoch, step) = (self.progress.epoch, self.progress.step);
        let pictures = indices.iter().map(|&index| (index, self.task.picture(epoch, index)));
        match inspect::save(&run.diverged(step), (epoch, step), pictures) {
            Ok(()) => TrainError::Diverged { step, batch: run.diverged(step) },
            Err(error) => error.into(),
        }
    }
}
