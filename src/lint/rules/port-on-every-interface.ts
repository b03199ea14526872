import { hasOwnNetwork } from '../../model/index.ts'
import { databaseBehind } from '../facts/databases.ts'
import { isOnEveryInterface, portText } from '../facts/published.ts'
import { perService, type Rule } from '../rule.ts'

/** What a web server has is there to be reached. */
const WEB = [80, 443]

/** PORT_ON_EVERY_INTERFACE; ports of databases have a rule of their own. */
export const portOnEveryInterface: Rule = {
  code: 'PORT_ON_EVERY_INTERFACE',
  severity: 'note',
  about: 'A port is published on every address of the host',
  find: perService(function* ({ service, path }) {
    if (!hasOwnNetwork(service)) return
    for (const [index, port] of (service.ports ?? []).entries())
      if (
        !WEB.includes(port.target) &&
        isOnEveryInterface(port) &&
        databaseBehind(service, port.target) === undefined
      )
        yield {
          path: [...path, 'ports', index],
          summary: `the port "${portText(port)}" can be reached from every network that the host is in`,
          hint: `write 127.0.0.1:${portText(port)} for this machine alone, or 0.0.0.0:${portText(port)} where it is meant`,
        }
  }),
}
