import type { Service } from '../../model/index.ts'
import { type Database, databaseOf } from '../facts/databases.ts'
import { perService, type Rule } from '../rule.ts'

/** DATABASE_WITHOUT_VOLUME */
export const databaseWithoutVolume: Rule = {
  code: 'DATABASE_WITHOUT_VOLUME',
  severity: 'warning',
  about: "A database's data is in no named volume: it is gone after down",
  find: perService(function* ({ service, path }) {
    const database = databaseOf(service)
    const [folder] = database?.folders ?? []
    if (database === undefined || folder === undefined || keepsData(service, database)) return
    yield {
      path: [...path, 'image'],
      summary: `the data of ${database.name} is lost after down: no volume is mounted at ${folder}`,
      hint: `mount a named volume, data:${folder}, or tmpfs where the data may go`,
    }
  }),
}

/** True with any mount at, above or below a folder of the data, tmpfs included: then somebody has thought of it. */
function keepsData(service: Service, { folders, movedBy }: Database): boolean {
  const moved = movedBy === undefined ? undefined : service.environment?.[movedBy]
  const wanted = moved ? [...folders, moved] : folders
  const targets = [
    ...(service.volumes ?? []).filter(({ source, type }) => source !== undefined || type !== 'volume'),
    ...(service.tmpfs ?? []).map(text => ({ target: text.split(':', 1)[0] ?? '' })),
  ].map(({ target }) => target)
  return (
    Boolean(service.volumes_from?.length) ||
    targets.some(target => wanted.some(folder => isWithin(target, folder) || isWithin(folder, target)))
  )
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`)
}
