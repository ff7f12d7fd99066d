//! temp
use mien_heads::*; use mien_synth::*; use mien_shared::{frame::Rgb,label::Expression}; use std::path::Path; use image::GenericImage as _;
fn main(){
 let a:Vec<String>=std::env::args().collect();
 let head= if a[1]=="ict" {ict::open(Path::new("/work/shared/data/ict_facekit")).unwrap()} else {makehuman::open(Path::new("/work/shared/data/makehuman_head")).unwrap()};
 let mode=a[2].as_str();
 let side:u32=a[3].parse().unwrap();
 let mut tiles=vec![]; let mut st=Studio::default();
 let names:Vec<String>=head.shapes().map(str::to_owned).collect();
 let n= if mode=="shapes" {names.len()} else {a[4].parse().unwrap()};
 for i in 0..n { 
   let seed= if mode=="shapes" {3} else {i as u64};
   if mode=="shapes" && a[1]!="ict" && !(names[i].contains("caucasian")) {continue;}
   let mut sc=Scene::portrait(Identity::from_seed(seed),Expression::Neutral,Pose::default(),side); sc.supersample=3;
   if mode=="shapes" {sc.placement.face_height_px=side as f32*0.9;}
   let sub=head.subject(&sc.identity);
   let mut w=vec![0.0;names.len()]; if mode=="shapes" {w[i]=1.0; println!("{} {}",tiles.len(),names[i]);}
   let mut shot=Shot::from(&sc); if mode=="shapes" {shot.weights=Some(&w);} 
   let mut p=Rgb::default(); let t=st.render((&head,&sub),&shot,&mut p);
   if mode=="marks" { for q in t.labels.landmarks { let (x,y)=(q.x as usize,q.y as usize); for (dx,dy) in [(0,0),(1,0),(0,1),(1,1)] { let k=3*((y+dy)*side as usize+x+dx); if k+3<=p.data.len() {p.data[k..k+3].copy_from_slice(&[0,255,0]);}}}}
   tiles.push(p);
 }
 let c=a[5].parse::<u32>().unwrap(); let r=(tiles.len() as u32).div_ceil(c); let mut s=image::RgbImage::new(c*side,r*side);
 for (i,t) in tiles.iter().enumerate(){ s.copy_from(&image::RgbImage::from_raw(side,side,t.data.clone()).unwrap(),(i as u32%c)*side,(i as u32/c)*side).unwrap(); }
 s.save(&a[6]).unwrap();
}
