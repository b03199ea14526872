import { randomBytes } from 'node:crypto'

/** A new id of a container, network, exec or endpoint: 64 hex digits. */
export function newId(): string {
  return randomBytes(32).toString('hex')
}

/** The form that people see: the first 12 digits, also the default hostname. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
