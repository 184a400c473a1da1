//! The net that weighs candidates: two layers over what is told of a phrase and a thing, and over what the tagger's states say of both.
//!
//! Phrases and names are brought to a few numbers each from the tagger's states, those of the shared layers beside those of the last; a
//! phrase by their mean over its subwords and by its last subword, a name by their mean. A layer over these, their products, the
//! features and the form of the phrase gives a score, to which the features add by a table of their own, as in a log-linear model.
//! (Lee et al. 2017, *End-to-end Neural Coreference Resolution*, weigh pairs of spans in this way.) `models/train/references.py` trains it. Without states (an engine of another tagger has none) the features alone speak; it was trained to do so.

use safetensors::SafeTensors;

use super::features::{FEATURES, Told};
use super::find::Form;
use super::states::Seen;
use crate::engine::EngineError;

/// Numbers that a phrase or name is brought to.
pub(super) const BROUGHT: usize = 64;
/// Numbers within.
const INNER: usize = 96;
const FORMS: usize = Form::SCORED.len();

/// A phrase or name, brought to few numbers.
pub(super) type Vector = [f32; BROUGHT];

/// What the states say of a phrase, and of the last and first name of each candidate.
#[derive(Clone, Debug)]
pub(super) struct Likeness {
    /// The phrase.
    pub(super) phrase: Vector,
    /// The last and the first name of every candidate.
    pub(super) names: Vec<[Vector; 2]>,
}

/// A product with its bias; the weights lie input by input.
struct Product {
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Product {
    /// Adds `value` times the weights of an input.
    fn add(&self, input: usize, value: f32, to: &mut [f32]) {
        if value != 0.0 {
            let width = self.bias.len();
            for (sum, weight) in to.iter_mut().zip(&self.weights[input * width..(input + 1) * width]) {
                *sum += value * weight;
            }
        }
    }

    fn add_all(&self, first: usize, values: &[f32], to: &mut [f32]) {
        for (input, value) in values.iter().enumerate() {
            self.add(first + input, *value, to);
        }
    }
}

/// The net.
pub struct Net {
    /// What each feature adds for each form, `[form][feature]`.
    table: Vec<f32>,
    phrase: Product,
    name: Product,
    inner: Product,
    outer: Product,
    none_inner: Product,
    none_outer: Product,
    /// The width of the states, of which two stand beside each other.
    width: usize,
}

impl Net {
    /// Reads the weights. Fails where they are not those of such a net.
    pub fn new(bytes: &[u8]) -> Result<Self, EngineError> {
        let unfit = |what: String| EngineError::Unfit { name: "references".to_owned(), what };
        let file = SafeTensors::deserialize(bytes).map_err(|cause| unfit(format!("it is no safetensors file: {cause}")))?;
        let numbers = |name: &str| -> Result<Vec<f32>, EngineError> {
            let tensor = file.tensor(name).map_err(|_| unfit(format!("it has no {name}")))?;
            let (numbers, rest) = tensor.data().as_chunks();
            if tensor.dtype() != safetensors::Dtype::F32 || !rest.is_empty() {
                return Err(unfit(format!("{name} is not of 32-bit numbers")));
            }
            Ok(numbers.iter().map(|four| f32::from_le_bytes(*four)).collect())
        };
        let product = |name: &str, inputs: Option<usize>, outputs: usize| -> Result<Product, EngineError> {
            let (weights, bias) = (numbers(&format!("{name}.weight"))?, numbers(&format!("{name}.bias"))?);
            let fits = inputs.map_or(weights.len().is_multiple_of(outputs), |inputs| weights.len() == inputs * outputs);
            if bias.len() == outputs && fits {
                Ok(Product { weights, bias })
            } else {
                Err(unfit(format!("{name} has another size")))
            }
        };
        let name = product("name", None, BROUGHT)?;
        let given = name.weights.len() / BROUGHT;
        let net = Self {
            table: numbers("table")?,
            phrase: product("phrase", Some(2 * given), BROUGHT)?,
            name,
            inner: product("inner", Some(5 * BROUGHT + FEATURES + FORMS), INNER)?,
            outer: product("outer", Some(INNER), 1)?,
            none_inner: product("none_inner", Some(BROUGHT + FEATURES + FORMS), INNER)?,
            none_outer: product("none_outer", Some(INNER), 1)?,
            width: given / 2,
        };
        if net.table.len() != FORMS * FEATURES || !given.is_multiple_of(2) {
            return Err(unfit("its table has another size".to_owned()));
        }
        Ok(net)
    }

    /// The width of the states that it reads.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The sums of a name, by the mean of its states. Those of several names may be averaged before [`risen`].
    pub(super) fn name(&self, told: &Seen) -> Vector {
        brought(&self.name, &[&told.mean])
    }

    /// The sums of a phrase.
    pub(super) fn phrase(&self, told: &Seen) -> Vector {
        brought(&self.phrase, &[&told.mean, &told.last])
    }

    /// The probability of each candidate, the last of which is none of them.
    pub(super) fn probabilities(&self, form: Form, told: &[Told], likeness: Option<&Likeness>) -> Vec<f32> {
        let Some(form) = Form::SCORED.iter().position(|known| *known == form) else { return vec![0.0; told.len()] };
        let Some((none, candidates)) = told.split_last() else { return Vec::new() };
        let phrase = likeness.map_or([0.0; BROUGHT], |likeness| likeness.phrase);
        let begun = self.inner.begun(&phrase, 5 * BROUGHT + FEATURES + form);
        let names = |number: usize| likeness.and_then(|likeness| likeness.names.get(number)).copied();
        let mut scores: Vec<f32> = candidates
            .iter()
            .enumerate()
            .map(|(number, told)| {
                let mut sums = begun;
                for (part, name) in names(number).iter().flatten().enumerate() {
                    self.inner.add_all((1 + part) * BROUGHT, name, &mut sums);
                    let both: Vector = std::array::from_fn(|at| phrase[at] * name[at]);
                    self.inner.add_all((3 + part) * BROUGHT, &both, &mut sums);
                }
                self.features(form, told) + self.inner.ended(5 * BROUGHT, told, sums, &self.outer)
            })
            .collect();
        let begun = self.none_inner.begun(&phrase, BROUGHT + FEATURES + form);
        scores.push(self.features(form, none) + self.none_inner.ended(BROUGHT, none, begun, &self.none_outer));
        softmax(&mut scores);
        scores
    }

    /// What the table makes of the features.
    fn features(&self, form: usize, told: &Told) -> f32 {
        told.0.iter().map(|(feature, value)| self.table[form * FEATURES + *feature] * value).sum()
    }
}

impl Product {
    /// The sums of a phrase and its form.
    fn begun(&self, phrase: &Vector, form: usize) -> [f32; INNER] {
        let mut sums = std::array::from_fn(|at| self.bias[at]);
        self.add_all(0, phrase, &mut sums);
        self.add(form, 1.0, &mut sums);
        sums
    }

    /// What the layer behind makes of the sums, when the features that begin at `first` have joined them.
    fn ended(&self, first: usize, told: &Told, mut sums: [f32; INNER], outer: &Self) -> f32 {
        for (feature, value) in &told.0 {
            self.add(first + *feature, *value, &mut sums);
        }
        sums.iter().zip(&outer.weights).fold(outer.bias[0], |sum, (inner, weight)| sum + inner.max(0.0) * weight)
    }
}

/// Some numbers brought to few.
fn brought(product: &Product, parts: &[&[f32]]) -> Vector {
    let mut sums = std::array::from_fn(|at| product.bias[at]);
    let mut first = 0;
    for part in parts {
        product.add_all(first, part, &mut sums);
        first += part.len();
    }
    sums
}

/// What is left of sums: those above zero.
pub(super) fn risen(sums: Vector) -> Vector {
    sums.map(|sum| sum.max(0.0))
}

/// Scores as probabilities.
fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    for score in &mut *scores {
        *score = (*score - most).exp();
    }
    let total: f32 = scores.iter().sum();
    for score in scores {
        *score /= total;
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::NAMES;
    use super::*;
    use crate::engine::store::{Origin, references};

    fn shipped() -> Net {
        Net::new(&references(&Origin::BuiltIn).unwrap().1).unwrap()
    }

    /// Numbers that Python makes alike (models/train/references.py, `wave`).
    fn wave(number: usize, width: usize) -> Vec<f32> {
        (0..width).map(|at| (0.1 * (at * number) as f32 + number as f32).sin()).collect()
    }

    #[test]
    fn the_net_answers_as_the_one_that_was_trained() {
        let net = shipped();
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/reference-references.json")).unwrap();
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert!(cases.len() >= Form::SCORED.len());
        for case in cases {
            let width = 2 * net.width();
            let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
            let list = |value: &serde_json::Value| value.as_array().unwrap().iter().map(number).collect::<Vec<_>>();
            let form = Form::SCORED.into_iter().find(|form| form.name() == case["form"]).unwrap();
            let told: Vec<Told> = case["told"]
                .as_array()
                .unwrap()
                .iter()
                .map(|names| {
                    let mut told = Told::default();
                    for name in names.as_array().unwrap() {
                        told.0.push((NAMES.iter().position(|known| name == known).unwrap(), 1.0));
                    }
                    told
                })
                .collect();
            let seen = |mean: usize, last: usize| Seen { mean: wave(mean, width), last: wave(last, width) };
            let likeness = case["phrase"].as_array().map(|_| Likeness {
                phrase: {
                    let ends = list(&case["phrase"]);
                    risen(net.phrase(&seen(ends[0], ends[1])))
                },
                names: case["names"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|both| {
                        let both = list(both);
                        [0, 1].map(|at| risen(net.name(&seen(both[at], 0))))
                    })
                    .collect(),
            });
            let found = net.probabilities(form, &told, likeness.as_ref());
            let expected: Vec<f32> = serde_json::from_value(case["probabilities"].clone()).unwrap();
            assert_eq!(found.len(), expected.len());
            for (one, other) in found.iter().zip(&expected) {
                assert!((one - other).abs() < 2e-3, "{case}: {found:?}");
            }
        }
    }

    #[test]
    fn probabilities_sum_to_one_with_and_without_states() {
        let net = shipped();
        let width = 2 * net.width();
        let seen = |number| Seen { mean: wave(number, width), last: wave(number + 1, width) };
        let likeness = Likeness { phrase: risen(net.phrase(&seen(1))), names: vec![[risen(net.name(&seen(2))); 2]] };
        for form in Form::SCORED {
            for likeness in [None, Some(&likeness)] {
                let found = net.probabilities(form, &[Told::default(), Told::default()], likeness);
                assert!(found.len() == 2 && (found.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{found:?}");
            }
        }
    }

    #[test]
    fn what_is_no_net_is_refused() {
        let whole = references(&Origin::BuiltIn).unwrap().1;
        for bytes in [&[][..], &whole[..whole.len() - 4], &whole[8..]] {
            assert!(matches!(Net::new(bytes), Err(EngineError::Unfit { .. })));
        }
    }
}
