import fc from 'fast-check'
import { expect, test } from 'vitest'
import { load } from '../load.ts'

const RIGHT = `services:
  web:
    image: x:1
    environment:
      A: "1"
      B: "2"
    ports:
      - "80:80"
      - target: 81
        published: "81"
    depends_on:
      db:
        condition: service_started
  db:
    image: y:1
    command: [a, b]
    healthcheck:
      test: [CMD, x]
volumes:
  data:
    labels:
      z: "3"
`
const LINES = RIGHT.split('\n')

function errorsOf(text: string) {
  const { diagnostics } = load({ files: [{ name: '/p/c.yaml', text }], workingDir: '/p', env: {} })
  return diagnostics.filter(({ severity }) => severity === 'error')
}

const line = fc.integer({ min: 0, max: LINES.length - 2 })

test.each([1, 2])('a first line that slipped by %i is told, not the one that does not fit it', indent => {
  const advice = errorsOf(' '.repeat(indent) + RIGHT)
  expect(advice.map(({ range, summary }) => `${range?.start.line} ${summary}`)).toEqual([
    `1 indent this line by 0 spaces, not ${indent}: it belongs to the top level`,
  ])
})

test('nobody is told to indent a key that stands twice, or a line with a tab', () => {
  fc.assert(
    fc.property(line, fc.boolean(), (at, isTab) => {
      const lines = LINES.flatMap((each, index) => {
        if (index !== at) return [each]
        return isTab ? [each.replace(/^( *)/, '$1\t')] : [each, each]
      })
      const advice = errorsOf(lines.join('\n')).filter(({ summary }) =>
        summary.startsWith('indent this line by'),
      )
      expect(advice).toEqual([])
    }),
    { numRuns: 20 },
  )
})

const ADVICE = /^indent this line by (\d+) spaces/

/** The text as one who does what is advised has it; undefined where nothing is advised. */
function followed(text: string): string | undefined {
  const advised = errorsOf(text).find(({ summary }) => ADVICE.test(summary))
  const indent = ADVICE.exec(advised?.summary ?? '')?.[1]
  if (indent === undefined || !advised?.range) return undefined
  const at = advised.range.start.line - 1
  return text
    .split('\n')
    .map((each, index) => (index === at ? ' '.repeat(Number(indent)) + each.trimStart() : each))
    .join('\n')
}

test('what is advised for a line that slipped leaves no more errors than there were', () => {
  let advices = 0
  fc.assert(
    fc.property(line, fc.integer({ min: 0, max: 9 }), (at, indent) => {
      const text = LINES.map((each, index) =>
        index === at ? ' '.repeat(indent) + each.trimStart() : each,
      ).join('\n')
      const mended = followed(text)
      if (mended === undefined) return
      advices += 1
      expect(errorsOf(mended).length).toBeLessThanOrEqual(errorsOf(text).length)
    }),
    { numRuns: 60, seed: 9 },
  )
  expect(advices).toBeGreaterThan(0)
})
