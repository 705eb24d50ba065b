/** Packets, one side ours and the other the reference: whatever their sizes, numbers and cuts, the same payloads come out; whatever was changed is refused. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { largePacketBytes } from "../../../src/ssh/chacha/cipher.ts";
import { fillPadding } from "../../../src/ssh/chacha/padding.ts";
import { cipher, clearPacket, decipher, open, ready, seal } from "./reference.ts";

const last = 2 ** 32 - 1;
/** The longest payload: ssh2 refuses packets of more than 35,000 bytes. */
const maxLength = 35_000 - 1 - 7;
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 80 }),
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: largePacketBytes - 60, max: largePacketBytes + 20 }),
  fc.integer({ min: maxLength - 40, max: maxLength }),
);
const numbers = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0, max: last }),
  fc.integer({ min: last - 3, max: last }),
);
const after = (sequence: number, packets: number): number => (sequence + packets) % 2 ** 32;

/** What comes of these chunks. */
function received(key: Buffer, sequence: number, chunks: readonly Buffer[]): Buffer[] {
  const payloads: Buffer[] = [];
  const under = decipher(key, sequence, (payload) => void payloads.push(payload));
  for (const chunk of chunks) under.decrypt(chunk, 0, chunk.length);
  return payloads;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((one, other) => one - other),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index] ?? 0, end));
}

describe("packets of chacha20-poly1305@openssh.com", () => {
  before(() => ready);

  it("are sent as the reference would send them, the small ones in one piece", () => {
    fc.assert(
      fc.property(numbers, fc.array(sizes, { minLength: 1, maxLength: 4 }), (sequence, all) => {
        const key = randomBytes(64);
        const writes: Buffer[] = [];
        const under = cipher(key, sequence, (bytes) => void writes.push(Buffer.from(bytes)));
        all.forEach((size, index) => {
          const payload = randomBytes(size);
          const packet = under.allocPacket(size);
          packet.set(payload, 5);
          const clear = Buffer.from(packet.subarray(0, -16));
          writes.length = 0;
          under.encrypt(packet);
          if (packet.length < largePacketBytes) assert.equal(writes.length, 1);
          const sent = Buffer.concat(writes);
          const number = after(sequence, index);
          assert.deepEqual(sent, seal(key, number, clear));
          const opened = open(key, number, sent);
          const padding = opened[4] ?? 0;
          assert.equal(opened.readUInt32BE(0), opened.length - 4);
          assert.equal((opened.length - 4) % 8, 0);
          assert.ok(padding >= 4 && padding < 12);
          assert.deepEqual(opened.subarray(5, opened.length - padding), payload);
        });
        assert.equal(under.outSeqno, after(sequence, all.length));
      }),
      { numRuns: 150 },
    );
  });

  it("are read however they are cut, and several at a time", () => {
    fc.assert(
      fc.property(
        numbers,
        fc.array(sizes, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (sequence, all, places) => {
          const key = randomBytes(64);
          const payloads = all.map((size) => randomBytes(size));
          const sent = Buffer.concat(
            payloads.map((payload, index) => seal(key, after(sequence, index), clearPacket(payload))),
          );
          const before = Buffer.from(sent);
          assert.deepEqual(received(key, sequence, cut(sent, places)), payloads);
          assert.deepEqual(sent, before, "what came from the socket is left as it is");
        },
      ),
      { numRuns: 150 },
    );
  });

  it("are read byte by byte", () => {
    const key = randomBytes(64);
    const payloads = [0, 1, 30, largePacketBytes, 5].map((size) => randomBytes(size));
    const sent = Buffer.concat(payloads.map((payload, index) => seal(key, index, clearPacket(payload))));
    assert.deepEqual(
      received(
        key,
        0,
        Array.from(sent, (byte) => Buffer.from([byte])),
      ),
      payloads,
    );
  });

  it("are read from the middle of a chunk, to its middle", () => {
    const key = randomBytes(64);
    const payload = randomBytes(40);
    const sent = seal(key, 9, clearPacket(payload));
    const payloads: Buffer[] = [];
    const under = decipher(key, 9, (bytes) => void payloads.push(bytes));
    const chunk = Buffer.concat([randomBytes(7), sent, randomBytes(50)]);
    for (const [start, end] of [
      [7, 9],
      [9, 30],
      [30, 7 + sent.length],
    ] as const)
      under.decrypt(chunk, start, end);
    assert.deepEqual(payloads, [payload]);
  });

  /** A small packet in each bit; of a large one length and tag, and some of the rest. */
  for (const [name, size, step] of [
    ["small", 41, 1],
    ["large", largePacketBytes, 97],
  ] as const) {
    it(`are refused when one bit is wrong: a ${name} one`, () => {
      const key = randomBytes(64);
      const sent = seal(key, 3, clearPacket(randomBytes(size)));
      const rest = randomBytes(36_000); // a length that was made larger wants more
      const bits = Array.from({ length: 8 * sent.length }, (_, bit) => bit).filter(
        (bit) => bit < 32 || bit >= 8 * (sent.length - 16) || bit % step === 0,
      );
      for (const bit of bits) {
        const forged = Buffer.from(sent);
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const chunks of [[Buffer.concat([forged, rest])], [forged.subarray(0, 3), forged.subarray(3), rest]]) {
          const payloads: Buffer[] = [];
          const under = decipher(key, 3, (payload) => void payloads.push(payload));
          assert.throws(
            () => {
              for (const chunk of chunks) under.decrypt(chunk, 0, chunk.length);
            },
            /^Error: (Bad packet length|Invalid MAC)$/,
            `bit ${bit}`,
          );
          assert.deepEqual(payloads, [], `bit ${bit}`);
        }
      }
    });
  }

  it("are refused for ever after one that was: the right one does not come too late", () => {
    for (const size of [20, largePacketBytes]) {
      const key = randomBytes(64);
      const sent = seal(key, 0, clearPacket(randomBytes(size)));
      const forged = Buffer.from(sent);
      forged[30] = (forged[30] ?? 0) ^ 1;
      const payloads: Buffer[] = [];
      const under = decipher(key, 0, (payload) => void payloads.push(payload));
      for (const chunk of [forged, sent, sent])
        assert.throws(() => under.decrypt(chunk, 0, chunk.length), { message: "Invalid MAC" });
      assert.deepEqual(payloads, []);
    }
  });

  it("are refused when they come twice, or when one is missing", () => {
    const key = randomBytes(64);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0), third = Buffer.alloc(0)] = [0, 1, 2].map((number) =>
      seal(key, number, clearPacket(randomBytes(20))),
    );
    const filler = randomBytes(36_000);
    assert.throws(() => received(key, 0, [first, first, filler]), /Bad packet length|Invalid MAC/);
    assert.throws(() => received(key, 0, [first, third, filler]), /Bad packet length|Invalid MAC/);
    assert.equal(received(key, 0, [first, second, third]).length, 3);
  });

  it("are refused with a length that can't be, in ssh2's words, before the rest has come", () => {
    for (const length of [0, 7, 9, 35_001, 35_008, last]) {
      const key = randomBytes(64);
      const packet = Buffer.alloc(12);
      packet.writeUInt32BE(length, 0);
      const head = seal(key, 0, packet).subarray(0, 4);
      assert.throws(() => received(key, 0, [head]), { message: "Bad packet length" }, String(length));
    }
    for (const length of [8, 35_000]) {
      const key = randomBytes(64);
      const packet = Buffer.alloc(4);
      packet.writeUInt32BE(length, 0);
      assert.deepEqual(received(key, 0, [seal(key, 0, packet).subarray(0, 4)]), []);
    }
  });

  it("are refused with more padding than packet", () => {
    for (const [padding, size] of [
      [16, 16],
      [255, 24],
    ] as const) {
      const key = randomBytes(64);
      const packet = Buffer.alloc(4 + size);
      packet.writeUInt32BE(size, 0);
      packet.writeUInt8(padding, 4);
      assert.throws(() => received(key, 0, [seal(key, 0, packet)]), { message: "Bad padding length" });
    }
  });

  it("go on with number 0 when ssh2 says so, as strict key exchanges want it", () => {
    const key = randomBytes(64);
    const writes: Buffer[] = [];
    const sender = cipher(key, 77, (bytes) => void writes.push(bytes));
    const payloads: Buffer[] = [];
    const receiver = decipher(key, 77, (payload) => void payloads.push(payload));
    const send = (size: number): void => {
      writes.length = 0;
      sender.encrypt(sender.allocPacket(size));
      for (const bytes of writes) receiver.decrypt(bytes, 0, bytes.length);
    };
    send(10);
    send(largePacketBytes);
    assert.deepEqual([sender.outSeqno, receiver.inSeqno], [79, 79]);
    sender.outSeqno = 0;
    receiver.inSeqno = 0;
    send(largePacketBytes);
    send(10);
    assert.deepEqual([sender.outSeqno, receiver.inSeqno], [2, 2]);
    assert.deepEqual(
      payloads.map(({ length }) => length),
      [10, largePacketBytes, largePacketBytes, 10],
    );
  });

  it("leave what follows to the next decipher when the keys have changed", () => {
    const key = randomBytes(64);
    const sent = seal(key, 0, clearPacket(randomBytes(20)));
    const under = decipher(key, 0, () => false);
    const chunk = Buffer.concat([sent, randomBytes(30)]);
    assert.equal(under.decrypt(chunk, 0, chunk.length), sent.length);
  });

  it("give a payload that keeps nothing else in memory", () => {
    const key = randomBytes(64);
    const sent = [1, 100, 1000].map((size, index) => seal(key, index, clearPacket(randomBytes(size))));
    for (const payload of received(key, 0, [Buffer.concat([...sent, Buffer.alloc(3)])]))
      assert.equal(payload.buffer.byteLength, payload.length);
  });

  it("are not sent any more after the end, nor without room for a tag", () => {
    const writes: Buffer[] = [];
    const under = cipher(randomBytes(64), 0, (bytes) => void writes.push(bytes));
    assert.throws(() => under.encrypt(under.allocPacket(10).subarray(0, -16)), RangeError);
    const [small, large] = [under.allocPacket(10), under.allocPacket(5000)];
    under.free();
    under.encrypt(small);
    under.encrypt(large);
    assert.deepEqual(writes, []);
  });

  it("are padded with bytes of which none is used twice", () => {
    const all = Buffer.alloc(40_000);
    for (let at = 0; at < all.length; at += 8) fillPadding(all, at, 8);
    const seen = new Set(
      Array.from({ length: all.length / 8 }, (_, index) => all.toString("hex", 8 * index, 8 * index + 8)),
    );
    assert.equal(seen.size, all.length / 8);
  });
});
