// Licensed under the Apache License, Version 2.0; see LICENSE.

// Writes GPP strings that the reference encoder makes of US sections with random
// opt-outs, a line each: string, then SECTION:SALE-SHARING-TARGETED for each.
//
//   node t/record/gpp.mjs [LINES [SEED]] > t/corpus/gpp/reference.txt

import { createRequire } from 'node:module'

import { generator } from './random.mjs'
import { version } from './version.mjs'

const require = createRequire(import.meta.url)
const { GppModel, Sections } = require('@iabgpp/cmpapi')

const lines = Number(process.argv[2] ?? 40)
const seed = Number(process.argv[3] ?? 1) >>> 0
const random = generator(seed)
const below = n => Math.floor(random() * n)

const fields = ['SaleOptOut', 'SharingOptOut', 'TargetedAdvertisingOptOut']
const us = [...Sections.SECTION_ID_NAME_MAP].filter(([id]) => id >= 7 && id <= 27)

// 0 where the section has no such field; the sections know their fields alone.
function set (model, name, field, value) {
  try {
    model.setFieldValue(name, field, value)
    return model.getFieldValue(name, field)
  } catch {
    return 0
  }
}

// An opt-out other than "not applicable" goes with its notice, or the encoder
// refuses the section: notices are set to "given".
function fill (model, name) {
  const values = fields.map(field => below(3))
  for (const notice of ['SaleOptOutNotice', 'SharingOptOutNotice', 'SharingNotice',
    'TargetedAdvertisingOptOutNotice', 'ProcessingNotice']) {
    set(model, name, notice, 1)
  }
  return values.map((value, i) => set(model, name, fields[i], value)).join('')
}

console.log(`# @iabgpp/cmpapi ${version('@iabgpp/cmpapi')}`)
for (let line = 0; line < lines; line++) {
  const model = new GppModel()
  const chosen = us.filter(([id], i) => i % lines === line % us.length || below(8) === 0)
  const row = chosen.sort(([a], [b]) => a - b).map(([id, name]) => `${id}:${fill(model, name)}`)
  console.log([model.encode(), ...row].join(' '))
}
