in float rise;
in vec3 at;

uniform vec4 ink;

out vec4 colour;

void main()
{
    float fall = 1.0 - rise;
    colour = vec4(hazed(ink.rgb, at), ink.a * fall * fall);
}
