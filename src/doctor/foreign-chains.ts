/** Chains of others that drop, as `TABLE CHAIN`. */
export interface ForeignChains {
  /** The engine puts rules of its own into these (src/network/firewall). */
  readonly opened: readonly string[]
  /** These take no rules but from the program that has made them. */
  readonly forward: readonly string[]
  readonly input: readonly string[]
}

/** A table that its program keeps for itself, as firewalld does from its release 2.1 on. */
const OWNED = /^\tflags .*\bowner\b/m
/** Firewalld's policies accept, and a last rule rejects. */
const REJECTING = /^inet firewalld filter_(FORWARD|INPUT)$/

/** Looks through what `nft list chains` prints. Tables of engines do not count. */
export function foreignChains(listing: string): ForeignChains {
  const dropping = chainsOf(listing).filter(
    ({ name, text }) => text.includes('policy drop') || REJECTING.test(name),
  )
  const at = (hook: string, isOwned?: boolean): string[] =>
    dropping
      .filter(({ text, owned }) => text.includes(` hook ${hook} `) && (isOwned ?? owned) === owned)
      .map(({ name }) => name)
  return { opened: at('forward', false), forward: at('forward', true), input: at('input') }
}

function chainsOf(
  listing: string,
): { readonly name: string; readonly text: string; readonly owned: boolean }[] {
  return listing
    .split(/^table /m)
    .slice(1)
    .filter(table => !table.startsWith('inet tscompose'))
    .flatMap(table => {
      const [head = '', ...chains] = table.split(/^\tchain /m)
      const tableName = head.slice(0, head.indexOf(' {'))
      return chains.map(text => ({
        name: `${tableName} ${text.slice(0, text.indexOf(' {'))}`,
        text,
        owned: OWNED.test(head),
      }))
    })
}
