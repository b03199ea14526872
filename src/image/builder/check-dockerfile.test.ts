import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Lab, makeLab } from '../testing/fakes.ts'

let lab: Lab
beforeEach(async () => {
  lab = await makeLab()
})
afterEach(() => lab.remove())

test('a build tells what the rules find, each with its line', async () => {
  await lab.build('FROM scratch\nWORKDIR a\nMAINTAINER me')
  const warnings = lab.events.filter(({ type }) => type === 'warning')
  expect(warnings).toMatchObject([
    { code: 'WorkdirRelativePath', text: expect.stringMatching(/^WorkdirRelativePath: .*\(line 2\)$/) },
    { code: 'MaintainerDeprecated', text: expect.stringMatching(/\(line 3\)$/) },
  ])
})

test('findings are errors where the file says so, before any step', async () => {
  const text =
    '# check=error=true;skip=MaintainerDeprecated\nFROM scratch\nRUN write /x y\nWORKDIR a\nMAINTAINER me'
  await expect(lab.build(text)).rejects.toMatchObject({
    diagnostics: [{ severity: 'error', code: 'WorkdirRelativePath', range: { start: { line: 4 } } }],
  })
  expect(lab.runner.requests).toEqual([])
})

test('what an image in the store sets is known', async () => {
  await lab.build('FROM scratch\nENV HERE=1\nSHELL ["sh"]', { tags: ['base'] })
  await lab.build('FROM base\nLABEL a=$HERE b=$GONE\nCMD x')
  const codes = lab.events.flatMap(event => (event.type === 'warning' ? [event.code] : []))
  expect(codes).toEqual(['UndefinedVar'])
})

test('TARGETSTAGE is the stage that is built', async () => {
  const text = 'FROM scratch AS one\nARG TARGETSTAGE\nLABEL s=$TARGETSTAGE\nFROM one AS two'
  await lab.build(text, { target: 'one', tags: ['one'] })
  await lab.build(text, { tags: ['two'] })
  expect((await lab.store.inspect('one')).config.Labels).toEqual({ s: 'one' })
  expect((await lab.store.inspect('two')).config.Labels).toEqual({ s: 'two' })
  await lab.build('FROM scratch\nARG TARGETSTAGE\nLABEL s=$TARGETSTAGE', { tags: ['unnamed'] })
  expect((await lab.store.inspect('unnamed')).config.Labels).toEqual({ s: 'default' })
})
