//! A view whose tasks several processes share.

use serde_json::{Value, json};

use crate::process::{Server, World, wait_until};
use crate::scoring::{agree, begin, command, score};
use crate::totals::{counted, said};

fn start(world: &World, name: &str) -> Server {
    world.start_with(name, &["--views"])
}

#[test]
fn a_view_is_right_when_one_of_those_who_share_it_is_killed() {
    let world = World::new();
    let (one, two) = (start(&world, "one"), start(&world, "two"));
    wait_until("both have tasks of the view", || {
        ["one", "two"].iter().all(|name| world.logged(name).contains("a task works here now"))
    });
    let ids = begin(&[&one, &two]);
    score(&[&one, &two], &ids, 3);
    one.signal("-9");
    command(&[&two], 0, &ids[0], &json!({ "type": "undo" }));
    score(&[&two], &ids, 2);
    agree(&[&two], &ids);
    let matches: Vec<Value> = ids.iter().map(|id| two.get(&format!("/v1/matches/{id}")).body).collect();
    let expected = counted(&matches);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let log = runtime.block_on(world.log());
    wait_until("the view is what counting gives", || runtime.block_on(said(&log)) == expected);
}
