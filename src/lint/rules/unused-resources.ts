import type { Project, Service } from '../../model/index.ts'
import type { Rule, RuleWords } from '../rule.ts'

/** A top-level section, and the names in it that a service uses. */
interface Section {
  readonly section: 'volumes' | 'networks' | 'secrets' | 'configs' | 'models'
  readonly noun: string
  readonly usedBy: (service: Service) => readonly (string | undefined)[]
}

const WORDS: readonly (Section & Pick<RuleWords, 'code' | 'about'>)[] = [
  {
    code: 'UNUSED_VOLUME',
    about: 'A named volume is declared, and no service mounts it',
    section: 'volumes',
    noun: 'volume',
    usedBy: ({ volumes = [] }) => volumes.map(({ source }) => source),
  },
  {
    code: 'UNUSED_NETWORK',
    about: 'A network is declared, and no service joins it',
    section: 'networks',
    noun: 'network',
    usedBy: ({ networks = {}, build }) => [...Object.keys(networks), build?.network],
  },
  {
    code: 'UNUSED_SECRET',
    about: 'A secret is declared, and no service or build mounts it',
    section: 'secrets',
    noun: 'secret',
    usedBy: ({ secrets = [], build }) => [...secrets, ...(build?.secrets ?? [])].map(({ source }) => source),
  },
  {
    code: 'UNUSED_CONFIG',
    about: 'A config is declared, and no service mounts it',
    section: 'configs',
    noun: 'config',
    usedBy: ({ configs = [], credential_spec: spec }) => [
      ...configs.map(({ source }) => source),
      spec?.config,
    ],
  },
  {
    code: 'UNUSED_MODEL',
    about: 'A model is declared, and no service uses it',
    section: 'models',
    noun: 'model',
    usedBy: ({ models = {} }) => Object.keys(models),
  },
]

/** UNUSED_VOLUME and its kind; services of profiles that are not active use what they name. */
export const unusedResources: readonly Rule[] = WORDS.map(words => ({
  code: words.code,
  about: words.about,
  severity: 'warning',
  find: ({ project }) =>
    unusedNames(project, words).map(name => ({
      path: [words.section, name],
      summary: `no service uses the ${words.noun} "${name}"`,
      hint: `remove it, or name it below ${words.section} of a service`,
    })),
}))

function unusedNames({ model, disabledServices }: Project, { section, usedBy }: Section): string[] {
  const services = [...Object.values(model.services), ...Object.values(disabledServices)]
  const used = new Set(services.flatMap(usedBy))
  return Object.keys(model[section] ?? {}).filter(name => !used.has(name) && !name.startsWith('x-'))
}
