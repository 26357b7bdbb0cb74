import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isInNetwork, parseNetwork } from "../../src/expressions/network.ts";

describe("parseNetwork", () => {
  for (const [network, inside, outside] of [
    ["10.1.2.3", ["10.1.2.3", "::ffff:10.1.2.3"], ["10.1.2.4", "::a01:203", "2001:db8::1"]],
    ["10.1", ["10.1.0.0", "10.1.255.255"], ["10.2.0.0", "101.0.0.0"]],
    ["10.", ["10.9.9.9"], ["11.0.0.0"]],
    ["10.1.2.200/25", ["10.1.2.128"], ["10.1.2.127"]],
    ["10.1.0.0/255.255.0.0", ["10.1.9.9"], ["10.2.0.0"]],
    ["10.0.0.0/255.0.255.0", ["10.9.0.9"], ["10.0.9.0"]],
    ["2001:db8::/33", ["2001:db8:7fff::"], ["2001:db8:8000::", "10.1.2.3"]],
    ["::1", ["::1", "0:0:0:0:0:0:0:1", "::0.0.0.1"], ["::2", "127.0.0.1"]],
    ["fe80::/10", ["fe80::1%eth0", "febf::"], ["fec0::"]],
  ] as const) {
    it(`knows what is in ${network}`, () => {
      const parsed = parseNetwork(network);
      assert(parsed);
      for (const address of inside) assert.equal(isInNetwork(parsed, address), true, address);
      for (const address of outside) assert.equal(isInNetwork(parsed, address), false, address);
    });
  }

  for (const text of [
    "",
    "bad",
    "10.256",
    "10.1.2.3.4",
    "10.1/16",
    "10.0.0.0/0",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "2001:db8::/129",
    "2001:db8::/255.0.0.0",
    "::ffff:10.0.0.0/104",
    "::ffff:10.0.0.1",
    " 10.0.0.1",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseNetwork(text), undefined);
    });
  }

  it("says of what is no address that it is none", () => {
    const network = parseNetwork("10.0.0.0/8");
    assert(network);
    for (const text of ["", "localhost", "10.1", "010.1.2.3", "10.1.2.3 ", "10.1.2.3\n", "1"]) {
      assert.equal(isInNetwork(network, text), undefined);
    }
  });

  it("finds every IPv6 address in its own network", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 1, max: 128 }), (address, bits) => {
        const network = parseNetwork(`${address}/${bits}`);
        // Written with an IPv4 address in it, it is one.
        if (network === undefined) return assert.match(address, /^::ffff:\d+\./i);
        assert.equal(isInNetwork(network, address), !/^::ffff:\d+\./i.test(address));
      }),
    );
  });
});
