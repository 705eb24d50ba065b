import assert from "node:assert/strict";
import { addressKey, networkKey } from "../../src/limits/address.ts";

describe("an address", () => {
  const cases: [string, string][] = [
    ["10.1.2.3", "10.1.2.3"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["::FFFF:10.1.2.3", "10.1.2.3"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.33", "64:ff9b:0:0::/64"],
    ["not an address", "not an address"],
  ];
  for (const [address, key] of cases) it(`${address} counts as ${key}`, () => assert.equal(addressKey(address), key));

  const networks: [string, string][] = [
    ["10.1.2.3", "10.1.2.0/24"],
    ["::ffff:10.1.2.3", "10.1.2.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["::1", "0:0:0::/48"],
    ["not an address", "not an address"],
  ];
  for (const [address, key] of networks)
    it(`${address} belongs to ${key}`, () => assert.equal(networkKey(address), key));
});
