/** A checksum behind each line of a result file: CRC-32, which finds every burst of up to 32 bits. */
import { crc32 } from "node:zlib";

/** How a line ends that has one: as its last field, over all bytes before that field. */
const SUM = /,"sum":"([0-9a-f]{8})"\}$/;

/** The JSON of an object, with its checksum as the last field. */
export function withSum(json: string): string {
  const body = json.slice(0, -1);
  return `${body},"sum":"${sumOf(body)}"}`;
}

/** A line without its checksum, and whether that is right; null where there is none. */
export function checkedSum(
  text: string,
): { readonly json: string; readonly isRight: boolean | null } {
  const found = SUM.exec(text);
  if (found === null) return { json: text, isRight: null };
  const body = text.slice(0, found.index);
  return { json: `${body}}`, isRight: found[1] === sumOf(body) };
}

function sumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, "0");
}
