/* The finished scene into the window: linear light to sRGB, with a grain too fine to
   see that keeps the sky free of bands. */
uniform sampler2D scene;

out vec4 colour;

void main()
{
    vec3 c = texelFetch(scene, ivec2(gl_FragCoord.xy), 0).rgb;
    vec3 s = mix(c * 12.92, 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c));
    float grain = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453);
    colour = vec4(s + (grain - 0.5) / 255.0, 1.0);
}
