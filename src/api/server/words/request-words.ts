import type { RouteName } from '../../routes.ts'
import { byRule, type WordTable } from './words.ts'

/** What a parameter that must be there is missing for, by the endpoint. */
const REQUIRED: Partial<Record<RouteName, string>> = {
  containerRename: 'Neither old nor new names may be empty',
  archiveGet: 'bad parameter: pathcannot be empty',
  archivePut: 'bad parameter: pathcannot be empty',
  archiveStat: 'bad parameter: pathcannot be empty',
}

/** What a body is to become, by the endpoint, in Go's words. */
const BODIES: Partial<Record<RouteName, string>> = {
  containerCreate: 'container.CreateRequest',
  containerUpdate: 'container.UpdateConfig',
  execCreate: 'container.ExecOptions',
  execStart: 'container.ExecStartOptions',
  networkCreate: 'network.CreateRequest',
  networkConnect: 'network.ConnectOptions',
  networkDisconnect: 'network.DisconnectOptions',
  volumeCreate: 'volume.CreateOptions',
}

/** What is wrong with a query or a body: Go's own words for what it could not read. */
export const REQUEST_WORDS: WordTable = {
  QUERY_INVALID: byRule({
    integer: ({ value }, asked) => `${limitOf(asked?.name)}strconv.Atoi: parsing "${value}": invalid syntax`,
    range: ({ value }, asked) =>
      `${limitOf(asked?.name)}strconv.Atoi: parsing "${value}": value out of range`,
    json: (_, asked) =>
      asked?.name === 'volumeList' ? 'error reading volume filters: invalid filter' : 'invalid filter',
  }),
  BODY_INVALID: byRule({
    kind: ({ got }, asked) =>
      `invalid JSON: json: cannot unmarshal ${got} into Go value of type ${(asked && BODIES[asked.name]) ?? 'struct'}`,
    cut: () => 'invalid JSON: unexpected EOF',
    behind: () => 'unexpected content after JSON',
  }),
  REQUEST_INVALID: byRule({
    time: ({ value }) => `strconv.ParseInt: parsing "${value}": invalid syntax`,
    condition: ({ value }) => `invalid condition: "${value}"`,
    required: (_, asked) => (asked === undefined ? undefined : REQUIRED[asked.name]),
  }),
  DETACH_KEYS: ({ keys }, asked) =>
    `Invalid ${asked?.name === 'execCreate' ? 'escape' : 'detach'} keys (${keys}) provided`,
}

function limitOf(name: RouteName | undefined): string {
  return name === 'imageSearch' ? 'invalid limit specified: ' : ''
}
