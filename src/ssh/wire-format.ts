/** Strings of the SSH wire format (RFC 4251 section 5): their length in four bytes, then the bytes. */

/** Bytes of a string. */
export function wireString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The strings that make up `bytes`; undefined when they don't, or are more than `maxFields`. */
export function readFields(bytes: Buffer, maxFields: number): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length || fields.length === maxFields) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
