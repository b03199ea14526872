/** Where a packet stands for a filter: beside it what is known of it, and from its network header on (linux/filter.h). */
const KNOWN = -0x1000
const PROTOCOL = KNOWN
const KIND = KNOWN + 4
const NETWORK = -0x100000

const CODE = {
  word: 0x20,
  half: 0x28,
  byte: 0x30,
  /** X = length of the IPv4 header there. */
  headerLength: 0xb1,
  /** X = a number. */
  length: 0x01,
  halfBehind: 0x48,
  byteBehind: 0x50,
  and: 0x54,
  go: 0x05,
  equal: 0x15,
  anyBit: 0x45,
  end: 0x06,
} as const

interface Step {
  readonly label?: string
  readonly code: keyof typeof CODE
  readonly operand?: number
  /** Labels; absent: the next step. */
  readonly yes?: string
  readonly no?: string
}

const IPV4 = 0x0800
const IPV6 = 0x86dd
const TCP = 6
const UDP = 17
const DNS_PORT = 53
const SYN = 0x02
const PSH = 0x08
const ACK = 0x10

/** To the container itself: neither what others send each other, nor to all. */
const TRANSPORT: readonly Step[] = [
  { code: 'word', operand: KIND },
  { code: 'equal', operand: 0, no: 'drop' },
  { code: 'word', operand: PROTOCOL },
  { code: 'equal', operand: IPV4, no: 'ipv6' },
  // Only the first fragment has ports.
  { code: 'half', operand: NETWORK + 6 },
  { code: 'anyBit', operand: 0x1fff, yes: 'drop' },
  { code: 'headerLength', operand: NETWORK },
  { code: 'byte', operand: NETWORK + 9 },
  { code: 'go', yes: 'transport' },
  { label: 'ipv6', code: 'equal', operand: IPV6, no: 'drop' },
  { code: 'length', operand: 40 },
  { code: 'byte', operand: NETWORK + 6 },
  { label: 'transport', code: 'equal', operand: TCP, yes: 'tcp' },
  { code: 'equal', operand: UDP, no: 'drop' },
  // Answers to what the container asks name servers of its own.
  { code: 'halfBehind', operand: NETWORK },
  { code: 'equal', operand: DNS_PORT, yes: 'drop', no: 'take' },
]

const ENDS: readonly Step[] = [
  { label: 'take', code: 'end', operand: 1 },
  { label: 'drop', code: 'end', operand: 0 },
]

const COMES: readonly Step[] = [
  { label: 'tcp', code: 'byteBehind', operand: NETWORK + 13 },
  { code: 'and', operand: SYN | ACK },
  { code: 'equal', operand: SYN, yes: 'take', no: 'drop' },
]

const SENDS: readonly Step[] = [
  { label: 'tcp', code: 'byteBehind', operand: NETWORK + 13 },
  { code: 'anyBit', operand: PSH, yes: 'take' },
  { code: 'and', operand: SYN | ACK },
  { code: 'equal', operand: SYN, yes: 'take', no: 'drop' },
]

/** Lets through what begins a connection to the container, and datagrams: `struct sock_filter[]`. */
export const COMERS: Uint8Array = assemble([...TRANSPORT, ...COMES, ...ENDS])

/** The same, and what brings bytes by a connection that there is already. */
export const SENDERS: Uint8Array = assemble([...TRANSPORT, ...SENDS, ...ENDS])

function assemble(steps: readonly Step[]): Uint8Array {
  const bytes = Buffer.alloc(steps.length * 8)
  const far = (label: string | undefined, from: number): number =>
    label === undefined ? 0 : steps.findIndex(step => step.label === label) - from - 1
  for (const [index, { code, operand = 0, yes, no }] of steps.entries()) {
    bytes.writeUInt16LE(CODE[code], index * 8)
    if (code !== 'go') {
      bytes.writeUInt8(far(yes, index), index * 8 + 2)
      bytes.writeUInt8(far(no, index), index * 8 + 3)
    }
    bytes.writeUInt32LE((code === 'go' ? far(yes, index) : operand) >>> 0, index * 8 + 4)
  }
  return bytes
}
