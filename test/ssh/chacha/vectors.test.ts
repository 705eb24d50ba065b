/** The test vectors of RFC 8439. Its nonces have 96 bits, ours 64: those of appendix A begin with zeros, so that the packet's number says them. */
import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { __TESTS } from "@noble/ciphers/chacha.js";
import { authenticate, isAuthentic } from "../../../src/ssh/chacha/authenticator.ts";
import { cryptBytes, keyStreamBytes, keyWords } from "../../../src/ssh/chacha/keystream.ts";
import { poly1305 } from "./reference.ts";

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const zeros = "00".repeat(32);
const one = `${"00".repeat(31)}01`;
const carroll = "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0";
const submission = Buffer.from(
  "Any submission to the IETF intended by the Contributor for publication as all or part of an IETF Internet-Draft or RFC and any statement made " +
    'within the context of an IETF activity is considered an "IETF Contribution". Such statements include oral statements in IETF sessions, as well as ' +
    "written and electronic communications made at any time or place, which are addressed to",
);
const brillig = Buffer.from(
  "'Twas brillig, and the slithy toves\nDid gyre and gimble in the wabe:\nAll mimsy were the borogoves,\nAnd the mome raths outgrabe.",
);

describe("ChaCha20", () => {
  it("makes the block of RFC 8439 section 2.3.2", () => {
    const block = new Uint32Array(16);
    const key = keyWords(hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    __TESTS.chachaCore(
      new Uint32Array([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]),
      key,
      new Uint32Array([0x09000000, 0x4a000000, 0]),
      block,
      1,
    );
    assert.equal(
      Buffer.from(block.buffer).toString("hex"),
      "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
    );
  });

  const blocks: readonly (readonly [key: string, nonce: number, counter: number, block: string])[] = [
    [
      zeros,
      0,
      0,
      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
    ],
    [
      zeros,
      0,
      1,
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
    ],
    [
      one,
      0,
      1,
      "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0",
    ],
    [
      `00ff${"00".repeat(30)}`,
      0,
      2,
      "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096",
    ],
    [
      zeros,
      2,
      0,
      "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c78a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d",
    ],
  ];
  blocks.forEach(([key, nonce, counter, expected], index) => {
    it(`makes the block of appendix A.1, vector ${index + 1}`, () => {
      const block = Buffer.alloc(64);
      keyStreamBytes(keyWords(hex(key)), nonce, counter, block);
      assert.equal(block.toString("hex"), expected);
    });
  });

  const texts: readonly (readonly [key: string, nonce: number, counter: number, text: Buffer, encrypted: string])[] = [
    [zeros, 0, 0, Buffer.alloc(64), blocks[0]?.[3] ?? ""],
    [
      one,
      2,
      1,
      submission,
      "a3fbf07df3fa2fde4f376ca23e82737041605d9f4f4f57bd8cff2c1d4b7955ec2a97948bd3722915c8f3d337f7d370050e9e96d647b7c39f56e031ca5eb6250d" +
        "4042e02785ececfa4b4bb5e8ead0440e20b6e8db09d881a7c6132f420e52795042bdfa7773d8a9051447b3291ce1411c680465552aa6c405b7764d5e87bea85a" +
        "d00f8449ed8f72d0d662ab052691ca66424bc86d2df80ea41f43abf937d3259dc4b2d0dfb48a6c9139ddd7f76966e928e635553ba76c5c879d7b35d49eb2e62b" +
        "0871cdac638939e25e8a1e0ef9d5280fa8ca328b351c3c765989cbcf3daa8b6ccc3aaf9f3979c92b3720fc88dc95ed84a1be059c6499b9fda236e7e818b04b0b" +
        "c39c1e876b193bfe5569753f88128cc08aaa9b63d1a16f80ef2554d7189c411f5869ca52c5b83fa36ff216b9c1d30062bebcfd2dc5bce0911934fda79a86f6e6" +
        "98ced759c3ff9b6477338f3da4f9cd8514ea9982ccafb341b2384dd902f3d1ab7ac61dd29c6f21ba5b862f3730e37cfdc4fd806c22f221",
    ],
    [
      carroll,
      2,
      42,
      brillig,
      "62e6347f95ed87a45ffae7426f27a1df5fb69110044c0d73118effa95b01e5cf166d3df2d721caf9b21e5fb14c616871fd84c54f9d65b283196c7fe4f60553eb" +
        "f39c6402c42234e32a356b3e764312a61a5532055716ead6962568f87d3f3f7704c6a8d1bcd1bf4d50d6154b6da731b187b58dfd728afa36757a797ac188d1",
    ],
  ];
  texts.forEach(([key, nonce, counter, text, expected], index) => {
    it(`encrypts and decrypts the text of appendix A.2, vector ${index + 1}, also in place`, () => {
      const words = keyWords(hex(key));
      const encrypted = Buffer.alloc(text.length + 3);
      cryptBytes(words, nonce, counter, text, 0, encrypted, 3, text.length);
      assert.equal(encrypted.subarray(3).toString("hex"), expected);
      cryptBytes(words, nonce, counter, encrypted, 3, encrypted, 3, text.length);
      assert.deepEqual(encrypted.subarray(3), text);
    });
  });

  it("makes the keys of appendix A.4", () => {
    const keys = [
      [zeros, 0],
      [one, 2],
      [carroll, 2],
    ] as const;
    const made = keys.map(([key, nonce]) => {
      const made = Buffer.alloc(32);
      keyStreamBytes(keyWords(hex(key)), nonce, 0, made);
      return made.toString("hex");
    });
    assert.deepEqual(made, [
      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7",
      "ecfa254f845f647473d3cb140da9e87606cb33066c447b87bc2666dde3fbb739",
      "965e3bc6f9ec7ed9560808f4d229f94b137ff275ca9b3fcbdd59deaad23310ae",
    ]);
  });

  it("takes no key of another length", () => {
    for (const length of [0, 16, 31, 33, 64]) assert.throws(() => keyWords(Buffer.alloc(length)), RangeError);
  });
});

describe("Poly1305", () => {
  const edge = `01000000000000000400000000000000${"00".repeat(16)}`;
  const two = `02${"00".repeat(31)}`;
  const unit = `01${"00".repeat(31)}`;
  const ones = "ff".repeat(16);
  const vectors: readonly (readonly [name: string, key: string, message: Buffer, tag: string])[] = [
    [
      "section 2.5.2",
      "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
      Buffer.from("Cryptographic Forum Research Group"),
      "a8061dc1305136c6c22b8baf0c0127a9",
    ],
    ["A.3, vector 1", zeros, Buffer.alloc(64), "00".repeat(16)],
    [
      "A.3, vector 2",
      `${"00".repeat(16)}36e5f6b5c5e06070f0efca96227a863e`,
      submission,
      "36e5f6b5c5e06070f0efca96227a863e",
    ],
    [
      "A.3, vector 3",
      `36e5f6b5c5e06070f0efca96227a863e${"00".repeat(16)}`,
      submission,
      "f3477e7cd95417af89a6b8794c310cf0",
    ],
    ["A.3, vector 4", carroll, brillig, "4541669a7eaaee61e708dc7cbcc5eb62"],
    ["A.3, vector 5: not fully reduced", two, hex(ones), "03000000000000000000000000000000"],
    [
      "A.3, vector 6: the second half overflows",
      `02${"00".repeat(15)}${ones}`,
      hex(`02${"00".repeat(15)}`),
      "03000000000000000000000000000000",
    ],
    [
      "A.3, vector 7: a carry into a limb of ones",
      unit,
      hex(`${ones}f0${"ff".repeat(15)}11${"00".repeat(15)}`),
      "05000000000000000000000000000000",
    ],
    ["A.3, vector 8: the modulus itself", unit, hex(`${ones}fb${"fe".repeat(15)}${"01".repeat(16)}`), "00".repeat(16)],
    ["A.3, vector 9: the modulus less 1", two, hex(`fd${"ff".repeat(15)}`), `fa${"ff".repeat(15)}`],
    [
      "A.3, vector 10: 131 bits on the way",
      edge,
      hex(`e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000${"00".repeat(16)}01${"00".repeat(15)}`),
      "14000000000000005500000000000000",
    ],
    [
      "A.3, vector 11: 131 bits at the end",
      edge,
      hex(`e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000${"00".repeat(16)}`),
      "13000000000000000000000000000000",
    ],
  ];
  for (const [name, key, message, expected] of vectors) {
    it(`makes and checks the tag of ${name}`, () => {
      assert.equal(poly1305(message, hex(key)).toString("hex"), expected, "the tests' own");
      const bytes = Buffer.concat([Buffer.alloc(5, 7), message, Buffer.alloc(16)]);
      const end = 5 + message.length;
      authenticate(bytes, end, bytes, 5, message.length, hex(key));
      assert.equal(bytes.toString("hex", end), expected);
      assert.ok(isAuthentic(bytes, end, bytes, 5, message.length, hex(key)));
      for (let bit = 0; bit < 128; bit += 1) {
        const forged = Buffer.from(bytes);
        forged[end + (bit >> 3)] = (forged[end + (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
        assert.ok(!isAuthentic(forged, end, bytes, 5, message.length, hex(key)), `bit ${bit}`);
      }
    });
  }

  it("agrees with node:crypto's chacha20-poly1305 (RFC 8439 section 2.8), whose tag is over the text, padded, and two lengths", () => {
    for (let size = 0; size < 300; size += 1) {
      const key = randomBytes(32);
      const nonce = randomBytes(12);
      const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
      const encrypted = Buffer.concat([cipher.update(randomBytes(size)), cipher.final()]);
      const lengths = Buffer.alloc(16);
      lengths.writeBigUInt64LE(BigInt(size), 8);
      const message = Buffer.concat([encrypted, Buffer.alloc((16 - (size % 16)) % 16), lengths]);
      const tagKey = createCipheriv("chacha20", key, Buffer.concat([Buffer.alloc(4), nonce])).update(Buffer.alloc(32));
      const tag = Buffer.alloc(16);
      authenticate(tag, 0, message, 0, message.length, tagKey);
      assert.deepEqual(tag, cipher.getAuthTag());
    }
  });
});
