/* The ground seen from above, flat. */
layout(location = 0) in vec2 position;
layout(location = 1) in uint paint;

uniform vec2 offset; /* the mesh's origin from the level's south-west corner */
uniform float side;
uniform vec4 palette[32];

flat out vec4 ink;

void main()
{
    ink = palette[paint & 31u];
    gl_Position = vec4((position + offset) / side * 2.0 - 1.0, 0.0, 1.0);
}
