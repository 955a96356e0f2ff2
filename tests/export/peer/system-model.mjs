// The types every CQL library may name (appendix B of the CQL specification), in the form the translator reads.
const SIMPLE = ["Boolean", "Integer", "Long", "Decimal", "String", "Date", "DateTime", "Time"];
const CLASSES = {
  Quantity: { value: "Decimal", unit: "String" },
  Ratio: { numerator: "Quantity", denominator: "Quantity" },
  Code: { code: "String", system: "String", version: "String", display: "String" },
  Concept: { display: "String" },
  Vocabulary: { id: "String", version: "String", name: "String" },
};

const simple = SIMPLE.map((name) => `<typeInfo xsi:type="SimpleTypeInfo" name="${name}" baseType="System.Any"/>`);
const classes = Object.entries(CLASSES).map(([name, parts]) => {
  const elements = Object.entries(parts).map(([part, type]) => `<element name="${part}" type="System.${type}"/>`);
  return `<typeInfo xsi:type="ClassInfo" name="${name}" baseType="System.Any">${elements.join("")}</typeInfo>`;
});
const vocabularies = ["CodeSystem", "ValueSet"].map(
  (name) => `<typeInfo xsi:type="ClassInfo" name="${name}" baseType="System.Vocabulary"/>`,
);

export const SYSTEM_MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<modelInfo xmlns="urn:hl7-org:elm-modelinfo:r1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  name="System" version="1.0.0" url="urn:hl7-org:elm-types:r1" targetQualifier="system">
  <typeInfo xsi:type="SimpleTypeInfo" name="Any"/>
  ${[...simple, ...classes, ...vocabularies].join("\n  ")}
</modelInfo>
`;
