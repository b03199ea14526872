import type { Actor, Effect } from './effect.ts'
import { type Details, type Row, type Struct, struct } from './shape.ts'

/** An attribute's details with its effect, or `parts`: each of its own attributes says it. */
export interface Stated extends Details {
  readonly effect: Effect | 'parts'
}

function listOfFields(sets: string | readonly string[]): readonly string[] {
  return typeof sets === 'string' ? [sets] : sets
}

/** May change while the container runs. */
export function hot(sets: string | readonly string[], details: Details = {}): Stated {
  return { ...details, effect: { change: 'hot', sets: listOfFields(sets) } }
}

/** A change replaces the container. */
export function cold(sets: string | readonly string[], details: Details = {}): Stated {
  return { ...details, effect: { change: 'cold', sets: listOfFields(sets) } }
}

/** A change replaces the container, though fields of the request do not say all that it is for. */
export function coldBy(by: Actor, details: Details = {}, sets: string | readonly string[] = []): Stated {
  return { ...details, effect: { change: 'cold', sets: listOfFields(sets), by } }
}

/** Not of the container: a change touches none. With a reason it has no effect at all. */
export function only(by: Actor, details: Details = {}, inVain?: string): Stated {
  return { ...details, effect: { change: 'none', sets: [], by, ...(inVain === undefined ? {} : { inVain }) } }
}

/** Has no effect, for this reason; a change replaces the container all the same, as with Docker Compose. */
export function inVain(reason: string, details: Details = {}): Stated {
  return { ...details, effect: { change: 'cold', sets: [], inVain: reason } }
}

/** The attributes in it have effects of their own. */
export function parts(details: Details = {}): Stated {
  return { ...details, effect: 'parts' }
}

/** A thing of a Compose file. Each line says what its attribute is to a container; the compiler names the one that does not. */
export function thing(name: string, about: string, ...rows: readonly Row<Stated>[]): Struct {
  return struct(name, about, ...rows)
}
