import type { ListedChain } from './nft-list.ts'
import type { ListedRule } from './nft-rules.ts'

/** How deep chains that lead to each other are looked into. */
const DEPTH = 8

/** Whether a chain drops or rejects what no rule knows, by its policy or a last rule; of the rules of its table. */
export function dropsRest({ name, policy }: ListedChain, rules: readonly ListedRule[]): boolean {
  return policy === 'drop' || endsInDrop(name, rules)
}

/** By a last rule, there or in a chain that all comes to. */
function endsInDrop(chain: string, rules: readonly ListedRule[], depth = 0): boolean {
  if (depth > DEPTH) return false
  for (const { words } of rules.filter(each => each.chain === chain)) {
    const [, verdict = '', target = ''] =
      /^(?:counter |log )*(drop|reject|accept|return|jump|goto) ?(.*)$/.exec(words) ?? []
    if (verdict === 'drop' || verdict === 'reject') return true
    if (verdict === 'accept' || verdict === 'return') return false
    if (verdict === 'goto') return endsInDrop(target, rules, depth + 1)
    if (verdict === 'jump' && endsInDrop(target, rules, depth + 1)) return true
  }
  return false
}
