import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'

/** TAR_MALFORMED: the bytes are no tar archive, or a damaged one. */
export function malformed(what: string, cause?: unknown): Error {
  return failure({
    code: 'TAR_MALFORMED',
    kind: 'invalidArgument',
    summary: `tar archive is malformed: ${what}`,
    facts: { what },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** TAR_UNSUPPORTED: a valid archive with something in it that is not unpacked here. */
export function unsupported(what: string): Error {
  return failure({
    code: 'TAR_UNSUPPORTED',
    kind: 'invalidArgument',
    summary: `tar archive has ${what}, which is not supported`,
    hint: 'pack it again with `tar --format=pax` and without --sparse',
  })
}

/** A name for a message: short, and readable whatever bytes it has. */
export function quoteName(name: string): string {
  return JSON.stringify(Buffer.from(name.slice(0, 200), 'latin1').toString())
}

/** CONTEXT_CHANGED: a file is not what it was a moment ago. */
export function changed(path: Buffer, cause?: unknown): Error {
  return failure({
    kind: 'conflict',
    code: 'CONTEXT_CHANGED',
    summary: `"${path}" changed while it was packed`,
    hint: 'try again when nothing writes to it, or list it in .dockerignore',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** CONTEXT_CHANGED for what is gone, PACK_FAILED for what cannot be read. */
export function unreadable(path: Buffer, cause: unknown): Error {
  if (errnoOf(cause) === 'ENOENT') return changed(path, cause)
  return failure({
    kind: 'invalidArgument',
    code: 'PACK_FAILED',
    summary: `"${path}" cannot be packed: ${messageOf(cause)}`,
    hint: 'make it readable, or list it in .dockerignore',
    cause,
  })
}
