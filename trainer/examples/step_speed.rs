//! Times training steps on the CPU: forward, loss, gradients, Adam; prints one JSON line.
//!
//! `step_speed [ARCH [BATCH [STEPS]]]`, ARCH `mini_xception`, `resnet_s` or a trunk's name;
//! `RAYON_NUM_THREADS` sets the threads. `scripts/step_speed.py` runs it beside PyTorch.

use std::{error::Error, io::Write as _, time::Instant};

use burn::{
    optim::{AdamConfig, GradientsParams},
    tensor::{Device, Distribution, Tensor},
};
use mien_trainer::{
    arch::{expression::Arch, trunk::TrunkName},
    loss::soft_cross_entropy::soft_cross_entropy,
};
use mimalloc::MiMalloc;

/// As in the trainer itself.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Steps before the clock starts.
const WARM_UP: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let arch = args.next().unwrap_or_else(|| "mini_xception".to_owned());
    let batch: usize = args.next().map_or(Ok(64), |text| text.parse())?;
    let steps: usize = args.next().map_or(Ok(20), |text| text.parse())?;
    let device = Device::flex().autodiff();
    let known = Arch::deployed(&arch).or_else(|| TrunkName::from_name(&arch).map(Arch::Trunk));
    let known = known.ok_or("no such architecture")?;
    let side = known.side();
    let mut net = known.init(7, side, &device);
    let mut optimizer = AdamConfig::new().init();
    let shape = [batch, 1, side as usize, side as usize];
    let x = Tensor::<4>::random(shape, Distribution::Default, &device);
    let targets = Tensor::<2>::ones([batch, 7], &device) / 7.0;
    let mut times = Vec::new();
    for step in 0..WARM_UP + steps {
        let started = Instant::now();
        let loss = soft_cross_entropy(net.forward(x.clone()), targets.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = optimizer.step(1e-3, net, gradients);
        if step >= WARM_UP {
            times.push(1e3 * started.elapsed().as_secs_f64());
        }
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    writeln!(
        std::io::stdout().lock(),
        "{{\"arch\":\"{arch}\",\"batch\":{batch},\"median_ms\":{median:.3},\"images_per_s\":{:.1}}}",
        1e3 * batch as f64 / median
    )?;
    Ok(())
}
