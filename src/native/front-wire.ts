/**
 * What an engine says to its front door, each time all of it: {u32 magic, u32 count}, then of each route {u16 port, u8 listens, u8 length of the name,
 * u8[4] address, name}, little-endian. It hears {u32 pid, u32 count}, then of each port {u32 number, u32 errno}.
 */
export const FRONT_MAGIC = 0x31_54_4e_46
/** Bytes of the numbers before the routes, and before the ports. */
export const FRONT_HEAD = 8
/** Bytes that a name takes, with one that ends it. */
export const FRONT_NAME_MAX = 144
/** Bytes of a route. */
export const FRONT_ROUTE_LENGTH: number = 8 + FRONT_NAME_MAX
/** Routes that one front door has. */
export const FRONT_ROUTES_MAX = 4096

const PORT_LENGTH = 8

/** Where a name of localhost leads whoever asks for it at a port. */
export interface FrontRoute {
  readonly name: string
  readonly port: number
  /** An address of IPv4. */
  readonly address: string
  /** False: somebody else is to have the port at localhost. */
  readonly listens: boolean
}

/** What became of a port. */
export interface FrontPort {
  readonly number: number
  /** Why it is not had; 0: it is. */
  readonly errno: number
}

/** The bytes of a message; names that are too long, and routes beyond the most, are left out. */
export function encodeRoutes(routes: readonly FrontRoute[]): Buffer {
  const fitting = routes.filter(({ name }) => name.length < FRONT_NAME_MAX).slice(0, FRONT_ROUTES_MAX)
  const bytes = Buffer.alloc(FRONT_HEAD + fitting.length * FRONT_ROUTE_LENGTH)
  bytes.writeUInt32LE(FRONT_MAGIC, 0)
  bytes.writeUInt32LE(fitting.length, 4)
  for (const [index, { name, port, address, listens }] of fitting.entries()) {
    const at = FRONT_HEAD + index * FRONT_ROUTE_LENGTH
    bytes.writeUInt16LE(port, at)
    bytes.writeUInt8(listens ? 1 : 0, at + 2)
    bytes.writeUInt8(name.length, at + 3)
    bytes.set(address.split('.').map(Number), at + 4)
    bytes.write(name, at + 8, 'latin1')
  }
  return bytes
}

/** What is said back, and how many bytes that took; undefined where more is to come. */
export function decodePorts(
  bytes: Buffer,
): { readonly pid: number; readonly ports: readonly FrontPort[]; readonly length: number } | undefined {
  if (bytes.length < FRONT_HEAD) return undefined
  const count = bytes.readUInt32LE(4)
  const length = FRONT_HEAD + count * PORT_LENGTH
  if (bytes.length < length) return undefined
  const ports = Array.from({ length: count }, (_, index) => {
    const at = FRONT_HEAD + index * PORT_LENGTH
    return { number: bytes.readUInt32LE(at), errno: bytes.readUInt32LE(at + 4) }
  })
  return { pid: bytes.readUInt32LE(0), ports, length }
}
