// The colours of base.css, for what is drawn on a canvas: colour is the rule, and nothing else.
export interface Colours {
  fill: string;
  edge: string;
}

export const COLOURS: Record<string, Colours> = {
  PROHIBITED: { fill: "#8f0016", edge: "#8f0016" },
  AUTHORIZATION_REQUIRED: { fill: "#e67700", edge: "#9a4b00" },
  CONDITIONAL: { fill: "#ffe066", edge: "#7a5c00" },
  USPACE: { fill: "#1d4ed8", edge: "#1d4ed8" },
  UNRECOGNISED: { fill: "#5b6472", edge: "#3b4350" },
  INFORMATION: { fill: "#b9c3cf", edge: "#4a5666" },
};

export const OTHER: Colours = { fill: "#5b6472", edge: "#3b4350" };

/** The words, mildest first: what is drawn later lies on top. */
export const MILDEST_FIRST = ["INFORMATION", "USPACE", "CONDITIONAL", "UNRECOGNISED", "AUTHORIZATION_REQUIRED", "PROHIBITED"];
