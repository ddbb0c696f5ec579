in vec3 at;
in vec3 facing;

uniform sampler2DArray painted;
uniform vec4 level[3]; /* south-west corner from the eye, 1 / side; 0: not there */
uniform vec3 bare;
uniform sampler2DShadow shadow_map;

out vec4 colour;

void main()
{
    vec2 dx = dFdx(at.xy), dy = dFdy(at.xy);
    /* The finest level that covers the place; at its rim the next shows through. */
    vec3 base = vec3(0.0);
    float left = 1.0;
    for (int i = 0; i < 3 && left > 0.0; i++) {
        vec2 uv = (at.xy - level[i].xy) * level[i].z;
        vec2 rim = min(uv, 1.0 - uv);
        float inside = smoothstep(0.0, 0.02, min(rim.x, rim.y)) * left;
        if (inside > 0.0) {
            vec3 root = textureGrad(painted, vec3(uv, float(i)), dx * level[i].z,
                                    dy * level[i].z).rgb;
            base += inside * root * root;
        }
        left -= inside;
    }
    base += left * bare;
    vec3 n = normalize(facing);
    float sun = sun_at(shadow_map, at, n);
    colour = vec4(hazed(lit(base, n, sun), at), 1.0);
}
