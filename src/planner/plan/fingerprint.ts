import { createHash, createHmac } from 'node:crypto'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import { canonical, compareText } from '../spec/canonical.ts'
import type { Plan } from './plan.ts'

/** Digests of things by what they are: `container lamp-web-1`, an operation's id, or a part of one: `container lamp-web-1: state`. */
export type Fingerprint = Readonly<Record<string, string>>

/** What is told of a container that is another: none of it holds a secret, as the rest may. */
const PARTS = {
  state: ({ state, exitCode, relief }) => [state, exitCode, relief],
  drift: ({ drift }) => drift,
  networks: ({ networks }) => networks.map(({ name, id }) => ({ name, id })),
  ports: ({ ports }) => ports,
  mounts: ({ mounts }) => mounts,
  image: ({ imageDigest }) => imageDigest,
} satisfies Readonly<Record<string, (container: ObservedContainer) => unknown>>

/**
 * What a plan was made from. What may be otherwise a moment later, and decides nothing by itself, is left out: health, addresses, when an
 * image was tagged. One-offs come and go.
 */
export function fingerprintOf({ containers, networks, volumes, images }: Observed): Fingerprint {
  const things: (readonly [string, unknown])[] = [
    ...containers.filter(({ oneOff }) => !oneOff).flatMap(each => partsOf(`container ${each.name}`, each)),
    ...networks.map(({ containers: _, ...each }) => [`network ${each.name}`, each] as const),
    ...volumes.map(each => [`volume ${each.name}`, each] as const),
    ...Object.entries(images).map(([name, { digest }]) => [`image ${name}`, digest] as const),
  ]
  return sealed(things, text => createHash('sha256').update(text))
}

function partsOf(name: string, container: ObservedContainer): (readonly [string, unknown])[] {
  const { health: _, state: _state, exitCode: _exit, relief: _relief, drift: _drift, ...others } = container
  // What it was made to publish is in the hash of what it was made of.
  const {
    networks: _networks,
    ports: _ports,
    bindings: _made,
    mounts: _mounts,
    imageDigest: _image,
    ...rest
  } = others
  const parts = Object.entries(PARTS).map(([part, of]) => [`${name}: ${part}`, of(container)] as const)
  return [[name, rest], ...parts]
}

/**
 * What a plan does, operation by operation, in their order. Under a key: operations hold a service's environment and secrets, of which not even a
 * digest that others could compare is to be kept.
 */
export function operationsFingerprint({ operations }: Plan, key: string): Fingerprint {
  return sealed(
    operations.map(operation => [operation.id, operation] as const),
    text => createHmac('sha256', key).update(text),
  )
}

function sealed(
  things: readonly (readonly [string, unknown])[],
  digest: (text: string) => { digest(encoding: 'hex'): string },
): Fingerprint {
  return Object.fromEntries(
    things.map(([name, thing]) => [
      name,
      digest(JSON.stringify(canonical(thing)))
        .digest('hex')
        .slice(0, 32),
    ]),
  )
}

/** What is otherwise in the second than in the first, in words: of a thing that is another, which parts of it. */
export function movedBetween(before: Fingerprint, after: Fingerprint): string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(after)])
  const isMoved = (name: string): boolean => before[name] !== after[name]
  return [...new Set([...all].map(thingOf))].sort(compareText).flatMap(name => {
    const parts = Object.keys(PARTS).filter(part => isMoved(`${name}: ${part}`))
    if (!isMoved(name) && parts.length === 0) return []
    if (before[name] === undefined) return [`${name} is new`]
    if (after[name] === undefined) return [`${name} is gone`]
    const told = isMoved(name) ? '' : ` (${parts.join(', ')})`
    return [`${name} is another${told}`]
  })
}

function thingOf(name: string): string {
  const [thing, part] = name.split(': ')
  return thing !== undefined && part !== undefined && part in PARTS ? thing : name
}
