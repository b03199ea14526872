import { expect, it } from 'vitest'
import { LABEL, SECRETS_KEY, sealedText, sealSecrets } from '../../planner/index.ts'
import { putContents } from './inject.ts'

const PATH = 'configs.motd content'

/** Codes of what is warned of, and what the container tells, when it was made with a content and gets another. */
async function put(made: string, given: string, keeps: boolean): Promise<{ codes: string[]; told: string }> {
  const sealed = sealSecrets({ [PATH]: made }, 'key')
  const codes: string[] = []
  let told = ''
  const container = {
    inspect: async () =>
      ({
        Name: '/web',
        Config: { Labels: { [LABEL.secrets]: sealedText(sealed) } },
        HostConfig: { Annotations: { [SECRETS_KEY]: 'key' } },
        ...(keeps && told !== '' ? { TscomposeInjected: told } : {}),
      }) as never,
    putArchive: async (_file: unknown, { injected = '' }: { injected?: string }) => {
      told = injected
    },
  }
  const files = [{ target: '/etc/motd', content: given, mode: 0o444 }]
  await putContents(container, files, { [PATH]: given }, ({ code }) => codes.push(code))
  return { codes, told }
}

it('tells the engine the digests of what it puts in', async () => {
  expect(await put('one', 'two', true)).toEqual({
    codes: [],
    told: sealedText(sealSecrets({ [PATH]: 'two' }, 'key')),
  })
})

it('warns of another content that the engine does not keep, and of the same not', async () => {
  expect((await put('one', 'two', false)).codes).toEqual(['CONTENT_NOT_KEPT'])
  expect((await put('one', 'one', false)).codes).toEqual([])
})
