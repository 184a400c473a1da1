//! Roles: the offices of persons and the countries of bodies, as the text tells them. It cannot fail and changes no mention.
//!
//! An office is told by a title before a name ("Kenya's President William Ruto") or by an apposition beside it ("William Ruto,
//! president of Kenya,"). Words are read outwards from each mention of a person until one does not fit; nouns of offices and
//! the words before them are known (`lexicon`). Of several tellings the first that says both office and holder counts; else the
//! first.
//!
//! A body belongs to the country whose name stands beside it or in it. Who governs, and holds an office there that speaks for
//! it, speaks for the country (`office`): heads of state and of government, ministers, ministries, parliaments and armies as
//! bodies, their spokesmen, diplomats. Nobody else does: no former official, no opposition, no company, no lawmaker alone.

mod body;
mod lexicon;
mod office;
mod phrase;
mod tell;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use super::{Entity, EntityType, Linker, Role, owners};
use crate::mention::Mention;
use crate::segment::Sentence;
use phrase::{Telling, is_country};
use text::Text;

impl Linker {
    /// Fills in what the text tells of persons and bodies: [`Entity::role`], [`Entity::of`] and [`Entity::speaks_for`].
    pub fn tell_roles(&self, body: &str, sentences: &[Sentence], mentions: &[Mention], entities: &mut [Entity]) {
        let text = Text { body, sentences, mentions };
        let entity_of = owners(entities, mentions.len());
        let countries: BTreeMap<&str, usize> =
            entities.iter().enumerate().filter_map(|(number, entity)| Some((entity.country?, number))).collect();
        let only =
            countries.values().next().copied().filter(|only| countries.len() == 1 && entities[*only].mentions.len() > 1);
        for number in 0..entities.len() {
            if entities[number].kind == EntityType::Per {
                entities[number].role = role(&text, number, entities, &entity_of, only);
            } else if body::is_body(&entities[number]) {
                self.tell_body(&text, number, entities, (&entity_of, &countries));
            }
        }
        speak(entities);
    }

    /// The country of a body, and whether it speaks for it.
    fn tell_body(
        &self,
        text: &Text<'_>,
        number: usize,
        entities: &mut [Entity],
        (entity_of, countries): (&[usize], &BTreeMap<&str, usize>),
    ) {
        let entity = &entities[number];
        let beside = || {
            let told = entity.mentions.iter().find_map(|mention| body::country(text, *mention, entity_of, entities));
            told.map(|mention| entity_of[mention])
        };

        let named = body::named(&self.gazetteer, &entity.name);
        let of = named.and_then(|code| countries.get(code).copied()).or_else(beside);
        let governs = body::governs(&entity.name)
            || (of.is_some() && entity.mentions.iter().any(|mention| body::rules(text, *mention)));
        // The name may tell a country that the article does not name otherwise.
        let alpha3 = || Some(self.gazetteer.country(named?)?.alpha3.to_owned());
        let speaks_for = if governs { of.and_then(|of| code(&entities[of])).or_else(alpha3) } else { None };
        let entity = &mut entities[number];
        (entity.of, entity.speaks_for) = (of, speaks_for);
    }
}

/// Who speaks for which country, once offices and bodies are known.
fn speak(entities: &mut [Entity]) {
    for number in 0..entities.len() {
        let entity = &entities[number];
        let speaks_for = match &entity.role {
            _ if is_country(entity) => code(entity),
            Some(Role { title, of: Some(of) }) => {
                let holder = &entities[*of];
                let may =
                    if is_country(holder) { office::speaks_for_country(title) } else { office::speaks_for_body(title) };
                let voice = if is_country(holder) { code(holder) } else { holder.speaks_for.clone() };
                voice.filter(|_| may && holder.kind != EntityType::Per)
            }
            Some(_) => None,
            None => entity.speaks_for.clone(),
        };
        entities[number].speaks_for = speaks_for;
    }
}

/// The alpha-3 code of a country.
fn code(entity: &Entity) -> Option<String> {
    let alpha3 = entity.key.len() == 3 && entity.key.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_country(entity) && alpha3).then(|| entity.key.clone())
}

/// The office of a person: the first telling with a holder, else the first. A title of state is that of the one country of the article.
fn role(text: &Text<'_>, number: usize, entities: &[Entity], entity_of: &[usize], only: Option<usize>) -> Option<Role> {
    let mut first: Option<Telling> = None;
    for mention in &entities[number].mentions {
        for telling in tellings(text, *mention) {
            let its = || owner(text, *mention, entity_of).filter(|_| telling.its);
            let of = telling.of.map(|mention| entity_of[mention]).or_else(its);
            let of = of.filter(|of| *of != number && entities[*of].kind != EntityType::Per);
            if of.is_some() {
                return Some(Role { title: telling.title, of });
            }
            first = first.or(Some(telling));
        }
    }
    first.map(|Telling { title, styled, .. }| Role { of: only.filter(|_| styled && office::is_of_state(&title)), title })
}

/// The one organisation that a pronoun before a title can stand for: the only one named before it in its sentence, else in the
/// sentence before.
fn owner(text: &Text<'_>, mention: usize, entity_of: &[usize]) -> Option<usize> {
    let here = text.mentions[mention].sentence;
    let near = text.mentions[..mention].iter().enumerate().rev().take(40);
    let bodies = near.filter(|(_, told)| told.kind == EntityType::Org).map(|(at, told)| (told.sentence, entity_of[at]));
    let mut bodies: Vec<(usize, usize)> = bodies.take_while(|(sentence, _)| sentence + 1 >= here).collect();
    if bodies.iter().any(|(sentence, _)| *sentence == here) {
        bodies.retain(|(sentence, _)| *sentence == here);
    }
    let (_, first) = *bodies.first()?;
    bodies.iter().all(|(_, body)| *body == first).then_some(first)
}

/// The offices that are told beside one mention.
fn tellings(text: &Text<'_>, mention: usize) -> impl Iterator<Item = Telling> {
    let [before, after] = text.around(mention);
    let name = text.mentions[mention].span.slice(text.body);
    let told: Vec<Telling> = tell::beside(&before, &after, text.mentions).chain(tell::inside(name)).collect();
    told.into_iter()
}
