/** Chains of others that drop by their policy, as `TABLE CHAIN`. */
export interface ForeignChains {
  /** The engine puts rules of its own into these (src/network/firewall). */
  readonly opened: readonly string[]
  readonly forward: readonly string[]
  readonly input: readonly string[]
}

/** iptables-nft's chain, which the engine opens for its networks. */
const OPENED = /^ip6? filter FORWARD$/
/** Firewalld's policies accept, and a last rule rejects. */
const REJECTING = /^inet firewalld filter_(FORWARD|INPUT)$/

/** Looks through what `nft list chains` prints. Tables of engines do not count. */
export function foreignChains(listing: string): ForeignChains {
  const dropping = chainsOf(listing).filter(
    ({ name, text }) => text.includes('policy drop') || REJECTING.test(name),
  )
  const at = (hook: string): string[] =>
    dropping.filter(({ text }) => text.includes(` hook ${hook} `)).map(({ name }) => name)
  const forward = at('forward')
  return {
    opened: forward.filter(name => OPENED.test(name)),
    forward: forward.filter(name => !OPENED.test(name)),
    input: at('input'),
  }
}

function chainsOf(listing: string): { readonly name: string; readonly text: string }[] {
  return listing
    .split(/^table /m)
    .slice(1)
    .filter(table => !table.startsWith('inet tscompose'))
    .flatMap(table => {
      const [head = '', ...chains] = table.split(/^\tchain /m)
      const tableName = head.slice(0, head.indexOf(' {'))
      return chains.map(text => ({ name: `${tableName} ${text.slice(0, text.indexOf(' {'))}`, text }))
    })
}
