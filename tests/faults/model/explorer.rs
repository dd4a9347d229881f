//! Visits every state that can be reached, each once, the nearest first, so that a counterexample is
//! as short as can be.

use std::{collections::HashMap, fmt::Write, rc::Rc};

use super::{
    state::{Event, State},
    world::World,
};

/// What was found.
pub(super) struct Report {
    /// How many states there are.
    pub(super) states: usize,
    /// How many of them are the end of every click.
    pub(super) ends: usize,
    /// What is wrong, and the steps that lead there.
    pub(super) counterexample: Option<String>,
}

/// A state, and how it was first reached.
struct Visit {
    state: Rc<State>,
    from: Option<(usize, Event)>,
}

/// Explores `world` to its end, or to the first state in which a promise is broken.
pub(super) fn explore(world: &World) -> Report {
    let mut explorer = Explorer { visits: Vec::new(), known: HashMap::new(), leads: Vec::new() };
    explorer.reach(world.beginning(), None);
    let (mut at, mut steps) = (0, Vec::new());
    while at < explorer.visits.len() {
        let state = Rc::clone(&explorer.visits[at].state);
        if let Some(broken) = state.broken {
            return explorer.report(0, Some((broken, at)));
        }
        world.steps(&state, &mut steps);
        for (event, next) in steps.drain(..) {
            let next = explorer.reach(next, Some((at, event)));
            explorer.leads.push((at, next));
        }
        at += 1;
    }
    let ends: Vec<usize> = (0..at).filter(|at| explorer.visits[*at].state.is_over()).collect();
    let stuck = explorer.never_leads_to(&ends);
    explorer.report(ends.len(), stuck.map(|at| ("a click that can never end", at)))
}

struct Explorer {
    visits: Vec<Visit>,
    known: HashMap<Rc<State>, usize>,
    /// Which state leads to which.
    leads: Vec<(usize, usize)>,
}

impl Explorer {
    fn reach(&mut self, state: State, from: Option<(usize, Event)>) -> usize {
        if let Some(at) = self.known.get(&state) {
            return *at;
        }
        let (at, state) = (self.visits.len(), Rc::new(state));
        self.known.insert(Rc::clone(&state), at);
        self.visits.push(Visit { state, from });
        at
    }

    /// A state from which none of `ends` can be reached.
    fn never_leads_to(&self, ends: &[usize]) -> Option<usize> {
        let mut before = vec![Vec::new(); self.visits.len()];
        for (from, to) in &self.leads {
            before[*to].push(*from);
        }
        let mut ending = vec![false; self.visits.len()];
        let mut todo = ends.to_vec();
        while let Some(at) = todo.pop() {
            if !std::mem::replace(&mut ending[at], true) {
                todo.extend(&before[at]);
            }
        }
        ending.iter().position(|ends| !ends)
    }

    fn report(&self, ends: usize, found: Option<(&str, usize)>) -> Report {
        let counterexample = found.map(|(what, at)| self.told(what, at));
        Report { states: self.visits.len(), ends, counterexample }
    }

    fn told(&self, what: &str, mut at: usize) -> String {
        let mut steps = Vec::new();
        let last = &self.visits[at].state;
        while let Some((before, event)) = self.visits[at].from {
            steps.push(event);
            at = before;
        }
        let mut told = format!("{what}:\n");
        for event in steps.iter().rev() {
            writeln!(told, "  {event:?}").unwrap();
        }
        write!(told, "{last:#?}").unwrap();
        told
    }
}
