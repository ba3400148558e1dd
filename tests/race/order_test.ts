import { assert, assertEquals } from "@std/assert";
import { balancedOrders, listedOrders } from "../../bench/race/order.ts";

/** How often each entry stands at each place. */
function placings(orders: readonly (readonly number[])[]): number[][] {
  return orders[0].map((_, entry) => {
    return orders[0].map((_, place) => orders.filter((order) => order[place] === entry).length);
  });
}

/** How often each entry stands straight behind each other one. */
function followings(orders: readonly (readonly number[])[]): number[] {
  const counts = new Map<string, number>();
  for (const order of orders) {
    for (let i = 1; i < order.length; i++) {
      const pair = `${order[i - 1]} ${order[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  return [...counts.values()];
}

for (const size of [2, 3, 4, 7, 23, 24]) {
  Deno.test(`balancedOrders: of ${size} entries each is equally often at each place, and behind each other`, () => {
    const rounds = size % 2 === 0 ? size : 2 * size;
    for (const process of [0, 1, 2, 5]) {
      const orders = balancedOrders({ size, rounds, process });
      for (const order of orders) assertEquals(new Set(order).size, size);
      assert(placings(orders).flat().every((times) => times === rounds / size));
      const pairs = followings(orders);
      assertEquals(pairs.length, size * (size - 1));
      assertEquals(new Set(pairs).size, 1);
    }
  });
}

Deno.test("balancedOrders: fewer rounds are the first of more", () => {
  const options = { size: 5, process: 3 };
  assertEquals(
    balancedOrders({ ...options, rounds: 4 }),
    balancedOrders({ ...options, rounds: 9 }).slice(0, 4),
  );
});

Deno.test("balancedOrders: an odd process runs the rounds of the one before it the other way about", () => {
  const orders = (process: number) => balancedOrders({ size: 6, rounds: 6, process });
  assertEquals(orders(3), orders(2).map((order) => order.toReversed()));
  assert(orders(0).join() !== orders(2).join());
});

Deno.test("listedOrders: each round as listed", () => {
  assertEquals(listedOrders({ size: 3, rounds: 2, process: 1 }), [[0, 1, 2], [0, 1, 2]]);
});
