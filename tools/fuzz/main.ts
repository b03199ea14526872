// `npm run fuzz -- --duration 600 --seed 1`: loads broken and monstrous Compose files, and keeps those that do more than
// give diagnostics: what throws, takes 10 s of processor time, or needs more than 512 MB.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureSchema } from '../../src/parser/schema/compile.ts'
import { LoaderChild, type Outcome } from './child.ts'
import { makeText, randomFrom } from './texts.ts'

const { values } = parseArgs({
  options: {
    duration: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    out: { type: 'string', default: 'fuzz-findings' },
  },
})
const seed = Number(values.seed)
const end = Date.now() + Number(values.duration) * 1000

/** Milliseconds to make one finding smaller. */
const MOST_SHRINKING = 20_000

const FIXTURES = fileURLToPath(new URL('../../src/parser/testing/fixtures/', import.meta.url))
/** What the fixtures do not have. */
const SEEDS = [
  'x-a: &a {image: x}\nservices:\n  a: {<<: *a, ports: !override ["80:80"]}\n  b: {extends: a, command: !reset null}\n',
  'include: [i.yaml]\nservices:\n  a: {image: "${A:-x}", env_file: [{path: e, required: false}]}\n---\nservices: {a: {tty: on}}\n',
  'A=1\nexport B="x\\n${A:-y}" # c\nC=\'lit\'\nD: v\nE\n',
]

async function main(): Promise<number> {
  ensureSchema()
  const fixtures = [
    ...readdirSync(FIXTURES).map(name => readFileSync(join(FIXTURES, name), 'utf8')),
    ...SEEDS,
  ]
  const child = new LoaderChild()
  const seen = new Map<string, number>()
  let count = 0
  for (; Date.now() < end; count++) {
    const text = makeText(randomFrom(seed + count), fixtures)
    const outcome = await child.run(text)
    if (outcome.kind === 'fine') continue
    const cause = causeOf(outcome)
    seen.set(cause, (seen.get(cause) ?? 0) + 1)
    if (seen.get(cause) === 1) await keep(await smaller(text, outcome, child), outcome, count)
  }
  child.stop()
  console.log(`${count} texts from seed ${seed}, ${seen.size} findings`)
  for (const [cause, times] of seen) console.log(`${times} × ${cause}`)
  return seen.size === 0 ? 0 : 1
}

/** Findings with the same first line and place are one. */
function causeOf({ kind, detail }: Outcome): string {
  return `${kind}: ${detail.split('\n').slice(0, 2).join(' ').replace(/\s+/g, ' ')}`
}

async function keep(text: string, { kind, detail }: Outcome, count: number): Promise<void> {
  mkdirSync(values.out, { recursive: true })
  const path = join(values.out, `${kind}-${seed}-${count}`)
  writeFileSync(`${path}.yaml`, text)
  writeFileSync(`${path}.txt`, `--seed ${seed}, text ${count}\n${detail}\n`)
  console.log(`${path}.yaml: ${detail.split('\n', 1)[0]}`)
}

/** Leaves out lines, large parts first, as long as it still ends the same way; for those alone that end at once. */
async function smaller(text: string, outcome: Outcome, child: LoaderChild): Promise<string> {
  if (outcome.kind !== 'threw') return text
  let lines = text.split('\n')
  const until = Date.now() + MOST_SHRINKING
  for (let size = lines.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at < lines.length && Date.now() < until; ) {
      const fewer = [...lines.slice(0, at), ...lines.slice(at + size)]
      const same = causeOf(await child.run(fewer.join('\n'))) === causeOf(outcome)
      if (same) lines = fewer
      else at += size
    }
  return lines.join('\n')
}

process.exitCode = await main()
