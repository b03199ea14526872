/** What the operation `lookUp` found. */
export interface Found {
  /** Kind and permission bits, as stat(2) has them. */
  readonly mode: number
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtimeMs: number
  /** The path with all links on the way resolved, from the root. */
  readonly path: string
  /** Target of a symbolic link, as it is written. */
  readonly linkTarget: string
}

const NUMBERS = 32
const KIND = 0o170000
const FOLDER = 0o040000

/** Decodes the result of `lookUp` (native/ops/lookup.c). */
export function decodeFound(bytes: Buffer): Found {
  const pathEnd = NUMBERS + bytes.readUInt32LE(24)
  return {
    size: Number(bytes.readBigInt64LE(0)),
    mtimeMs: Number(bytes.readBigInt64LE(8)) * 1000 + Math.floor(bytes.readUInt32LE(20) / 1_000_000),
    mode: bytes.readUInt32LE(16),
    path: bytes.toString('utf8', NUMBERS, pathEnd) || '/',
    linkTarget: bytes.toString('utf8', pathEnd, pathEnd + bytes.readUInt32LE(28)),
  }
}

export function isFolder({ mode }: Found): boolean {
  return (mode & KIND) === FOLDER
}

/** Decodes the result of `readFiles` (native/ops/repair/look.c): a text each, in the order of the names; undefined for what could not be read. */
export function readTexts(bytes: Buffer): (string | undefined)[] {
  return eachText(bytes, 0, (length, from, to) => (length < 0 ? undefined : bytes.toString('utf8', from, to)))
}

/** A file, whose it is, and its permission bits. */
export interface FileRead {
  readonly text: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** The same where `access` was asked for. */
export function readAccess(bytes: Buffer): (FileRead | undefined)[] {
  return eachText(bytes, ACCESS, (length, from, to) => {
    if (length < 0) return undefined
    const [mode, uid, gid] = [bytes.readUInt32LE(to), bytes.readUInt32LE(to + 4), bytes.readUInt32LE(to + 8)]
    return { text: bytes.toString('utf8', from, to), mode: mode & PERMISSIONS, uid, gid }
  })
}

const PERMISSIONS = 0o7777
/** Bytes of what is said of a file behind its text. */
const ACCESS = 12

function eachText<T>(
  bytes: Buffer,
  behind: number,
  take: (length: number, from: number, to: number) => T,
): T[] {
  const taken: T[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32LE(at)
    const end = at + 4 + Math.max(0, length)
    taken.push(take(length, at + 4, end))
    at = end + behind
  }
  return taken
}

/** Bytes of a file's place, and of one with what is said of it inside a container. */
const PLACE = 16
const INSIDE = 24

/** What `statInside` says of a place. */
export interface PlaceInside {
  /** As `statFiles` says it of the same file. */
  readonly file: Buffer
  readonly isReadonly: boolean
  readonly isFolder: boolean
}

/** What `statInside` has answered, place by place; none where one of them is not there. */
export function placesInside(bytes: Buffer): PlaceInside[] {
  return Array.from({ length: Math.floor(bytes.length / INSIDE) }, (_, index) => {
    const place = bytes.subarray(index * INSIDE, (index + 1) * INSIDE)
    const about = place.readBigUInt64LE(PLACE)
    return { file: place.subarray(0, PLACE), isReadonly: (about & 1n) !== 0n, isFolder: (about & 2n) !== 0n }
  })
}

/** What `statFiles` has answered, file by file. */
export function filePlaces(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / PLACE) }, (_, index) =>
    bytes.subarray(index * PLACE, (index + 1) * PLACE),
  )
}
